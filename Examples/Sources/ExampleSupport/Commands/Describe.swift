import ArgumentParser
import Foundation
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
        // A step that needs more memory than there is would end the program.
        let estimate = described.estimatedMemory
        let isTried = estimate < Double(ProcessInfo.processInfo.physicalMemory)
        if json {
            return say(
                jsonLine(
                    NetworkSummary(
                        of: described, batchSize: batchSize,
                        trainingBytes: isTried
                            ? described.trainingMemory(batchSize: batchSize) : Int(estimate)
                    )))
        }
        for line in described.blockLines { say(line) }
        say("")
        for line in described.parameterLines { say(line) }
        say("")
        say("receptive field  \(described.receptiveField)")
        guard isTried else {
            return say(
                "memory           about \(Int(estimate) >> 20) MiB for 2 samples, more than this machine has")
        }
        say(
            "memory           \(described.trainingMemory(batchSize: batchSize) >> 20) MiB to train with batches of "
                + "\(batchSize), beside the data; from steps with 1 and 2 samples")
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

    /// The bytes that a step with two samples takes, roughly: networks for digits with 16384 to 131072 positions took 75
    /// numbers for each channel, position and sample. Parameters have a gradient and the optimizer's state.
    fileprivate var estimatedMemory: Double {
        let positions = configuration.extents.reduce(1.0) { $0 * Double($1) }
        let channels = configuration.blocks.reduce(0.0) { $0 + Double($1.channels) }
        return 4 * (2 * 75 * channels * positions + 3 * Double(parameterCount))
    }

    /// The bytes that a training takes: what the steps with one and two samples took, and the difference once more
    /// for each further sample.
    fileprivate func trainingMemory(batchSize: Int) -> Int {
        func peakMemory(samples: Int) throws -> Int {
            var randomNumbers = RandomNumbers(seed: 1)
            var trainer = Trainer(
                self, optimizer: Kar.kar3(),
                schedule: LearningRateSchedule(.constant, base: 0, stepCount: 1),
                randomNumbers: randomNumbers)
            let shape = [samples, configuration.inputChannels] + configuration.extents
            let positions = configuration.readout == .pooled ? 1 : configuration.extents.reduce(1, *)
            try trainer.step(
                on: Batch(
                    inputs: Tensor(shape: shape, normalWithDeviation: 1, using: &randomNumbers),
                    targets: .labels(Array(repeating: 0, count: samples * positions))))
            return Training.peakMemory()
        }
        let one = (try? peakMemory(samples: 1)) ?? Training.peakMemory()
        let two = (try? peakMemory(samples: 2)) ?? one
        // The largest number stands for all that are larger.
        let (further, isTooMuch) = max(0, batchSize - 2).multipliedReportingOverflow(by: max(0, two - one))
        let (all, overflows) = two.addingReportingOverflow(further)
        return isTooMuch || overflows ? .max : all
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
