import ArgumentParser
import Training

/// Tests a network that was trained before.
struct Evaluate<B: Benchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "evaluate", abstract: "Tests a trained network.")
    }

    @Argument(help: "The file with the network.", completion: .file())
    var model = "results/\(B.self)/model.safetensors"
    @OptionGroup var data: B.DataOptions
    @OptionGroup var threading: ThreadOptions
    @OptionGroup var announcer: OutputOptions

    func run() throws {
        threading.apply()
        let trained = try B.trainedNetwork(contentsOf: model)
        let test = try trained.readable { try B.testSamples(data, for: $0) }
        let metrics = try trained.network.evaluated(
            on: Batches(of: test, normalization: trained.normalization, batchSize: evaluationBatchSize))
        announcer.announcePeakMemory()
        announcer.announce(test: metrics)
    }
}
