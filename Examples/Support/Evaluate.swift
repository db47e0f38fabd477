import ArgumentParser
import Convolution
import Terminator
import Training

/// Tests a network that was trained before.
struct Evaluate<B: Benchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "evaluate", abstract: "Tests a network that was trained before.")
    }

    @Argument(help: "The file with the network.") var model = "results/\(B.self)/model.safetensors"
    @OptionGroup var data: B.DataOptions
    @Option(help: "The number of threads; no result depends on it. (default: one for each processor)")
    var threads: Int?
    @OptionGroup var announcer: OutputOptions

    func validate() throws {
        try expect(1...1024 ~= threads ?? 1, "--threads is from 1 to 1024, found \(threads ?? 1)")
    }

    func run() throws {
        if let threads { Threads.count = threads }
        let trained = try TrainedNetwork(contentsOf: model)
        let configuration = trained.network.configuration
        let test = try B.testSamples(data, for: configuration)
        try configuration.expectToRead(test)
        let metrics = try trained.network.evaluated(
            on: Batches(of: test, normalization: trained.normalization, batchSize: 128))
        announcer.announcePeakMemory()
        announcer.announce(test: metrics)
    }
}
