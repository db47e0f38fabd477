import ArgumentParser
import Tensors
import Terminator
import Training
import YAMLConfiguration

/// Says what a network consists of and what training it takes.
struct Describe<B: Benchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "info",
            abstract: "Shows a network's blocks, its parameters and the memory needed to train it.")
    }

    @OptionGroup(title: "The network") var network: ConfigurationOptions
    @Option(help: "The file with a network, instead of the options for one.", completion: .file())
    var model: String?
    @Option(help: "The number of samples in a training batch.", in: 1...largestCount)
    var batchSize = B.defaults.batchSize
    @Flag(help: "Print all of it in one line of JSON.") var json = false

    func validate() throws {
        try expect(
            model == nil || !network.areGiven,
            "--model: expected a file or options for a network, found both")
    }

    func run() throws {
        let stored = try model.map { try TrainedNetwork(contentsOf: $0).network }
        let configuration =
            try stored?.configuration ?? network.configuration(standard: B.defaults.preset)
        if network.printConfiguration {
            say(configuration.yaml, terminator: "")
            return
        }
        var randomNumbers = RandomNumbers(seed: 1)
        let described = stored ?? Network(configuration, using: &randomNumbers)
        let memory = TrainingMemory(
            of: described, batchSize: batchSize, sampleCounts: B.defaults.sampleCounts)
        let trainingBytes = memory.canBeTried ? memory.estimate() : memory.roughEstimate
        if json {
            return say(
                jsonLine(NetworkSummary(of: described, batchSize: batchSize, trainingBytes: trainingBytes)))
        }
        for line in described.blockLines { say(line) }
        say("")
        for line in described.parameterLines { say(line) }
        say("")
        say("receptive field  \(described.receptiveField)")
        guard memory.canBeTried else {
            return say(
                "memory           about \(trainingBytes >> 20) MiB to train with batches of \(batchSize); steps with 1 "
                    + "and 2 samples would need more than this machine has")
        }
        let (fewer, more) = (memory.trainingSamples(in: .smaller), memory.trainingSamples(in: .larger))
        say(
            "memory           \(trainingBytes >> 20) MiB to train with batches of \(batchSize), beside the data; from "
                + "steps with \(fewer) and \(more) samples")
    }
}

extension Network {
    /// The number of a block's parameters.
    func parameterCount(ofBlock index: Int) -> Int {
        parameters.filter { $0.name.hasPrefix("blocks.\(index).") }.reduce(0) { $0 + $1.tensor.count }
    }

    /// A line for each block.
    fileprivate var blockLines: [String] {
        let header = ["block", "channels", "skips from", "dropout", "parameters"]
        let rows = configuration.blocks.enumerated().map { index, block in
            return [
                "\(index)", "\(block.channels) to \(block.outputChannels)",
                block.skips.isEmpty ? "-" : block.skips.map(String.init).joined(separator: ", "),
                "\(block.dropout)", "\(parameterCount(ofBlock: index))",
            ]
        }
        let classifier = [
            "classifier", "\(configuration.blocks.last!.outputChannels) to \(configuration.classCount)", "-",
            "-",
            "\(parameterCounts[.classifier] ?? 0)",
        ]
        return alignedColumns([header] + rows + [classifier])
    }

    /// A line for each part of the network.
    fileprivate var parameterLines: [String] {
        let counts = parameterCounts
        let rows = ParameterGroup.allCases.map { group in
            ["\(group)", "\(counts[group] ?? 0)", group.isSlow ? "slow" : ""]
        }
        return alignedColumns(rows + [["all", "\(parameterCount)", "\(slowParameterCount) slow"]])
    }

    /// Each output depends on the whole input: through kernels as large as it and through means over space.
    fileprivate var receptiveField: String {
        func extents(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "x") }
        let local = configuration.localKernelSizes
            .map { size in extents(configuration.extents.map { _ in size }) }.joined(separator: ", ")
        return "the whole input, \(extents(configuration.extents)); local kernels \(local)"
    }
}

/// Rows with their columns below each other.
private func alignedColumns(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
    return rows.map { row in
        let line = zip(row, widths)
            .map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
            .joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
