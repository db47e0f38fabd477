import ArgumentParser
import ExampleSupport
import Foundation
import Terminator
import Training

/// The next character of a text, byte by byte.
@main
struct CharacterModel: Benchmark {
    static let summary =
        "Learns to continue a text, byte by byte, and writes one: 'generate' streams characters."
    static let dataDescription = """
        A story comes with the program; a file given with --data is any text in UTF-8. The last tenth of a text, and at least \
        one sequence, is to test on.
        """
    static let defaults = TrainingDefaults(
        preset: .characters, epochs: 15, batchSize: 2, objective: TrainingObjective(labelSmoothing: 0),
        sampleCounts: SampleCounts(training: 14, test: 1))
    static let dataName = "text"
    static let classNames: [String] = []
    static let furtherCommands: [any ParsableCommand.Type] = [Generate.self]
    static func arrangement(for network: NetworkConfiguration) -> String { "bytes of text, in halves" }

    static func adapt(_ network: inout NetworkConfiguration, to options: SequenceOptions) {
        if let length = options.length { network.extents = [length] }
    }

    static func samples(
        _ options: TextOptions, _ trainingOptions: SequenceOptions, for network: NetworkConfiguration,
        seed: UInt64
    ) throws -> (training: DataSet, test: DataSet) {
        let length = try length(of: network)
        let training = try options.read {
            try DataSet(
                textFile: options.data, part: .training, length: length,
                step: trainingOptions.step ?? max(1, length / 4))
        }
        return (training, try testSamples(options, for: network))
    }

    static func testSamples(_ options: TextOptions, for network: NetworkConfiguration) throws -> DataSet {
        let length = try length(of: network)
        return try options.read {
            try DataSet(textFile: options.data, part: .test, length: length, step: length)
        }
    }

    /// The length of the sequences that a network reads, if it can be trained on text.
    private static func length(of network: NetworkConfiguration) throws -> Int {
        try expect(
            network.extents.count == 1,
            "expected a network for sequences, found the extents \(network.extents)")
        // Else it would learn to find the next byte in its input.
        try expect(
            network.statistics == .prefix,
            "expected a network with the statistics prefix, found \(network.statistics.rawValue)")
        return network.extents[0]
    }

    /// Which text is read.
    struct TextOptions: ParsableArguments {
        @Option(help: "The file with the text, in UTF-8.", completion: .file())
        var data = ownText

        /// What `read` reads; where the program's own text is missing, the error says where it was looked for.
        func read(_ read: () throws -> DataSet) throws -> DataSet {
            do {
                return try read()
            } catch let error as DataFileError {
                guard data == ownText, !FileManager.default.fileExists(atPath: data) else {
                    throw error
                }
                throw ValidationError(
                    "\(error); the program's text was looked for in "
                        + "\(bundledData.candidates.joined(separator: " and ")); --data names a text")
            }
        }
    }

    private static var ownText: String { bundledData.path + "/ferry.txt" }
    private static let bundledData = BundledFolder("Data", ofTarget: "CharacterModel", sourceFile: #filePath)

    /// Which sequences are taken to train on.
    struct SequenceOptions: ParsableArguments {
        @Option(
            help:
                "The bytes of a sequence, and the taps of the network's kernels. (default: those of the network)",
            transform: wholeNumber(2...1 << 20))
        var length: Int?
        @Option(
            help:
                "The bytes from one sequence's beginning to that of the next. (default: a quarter of the length)",
            transform: wholeNumber(1...1 << 20))
        var step: Int?
    }
}
