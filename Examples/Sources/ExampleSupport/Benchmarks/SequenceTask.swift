import ArgumentParser
import Tensors
import Terminator
import Training

/// A benchmark whose sequences the program draws.
public protocol SequenceTask: Benchmark
where DataOptions == TestSequenceOptions, TrainingDataOptions == SequenceOptions<Self> {
    /// The number of sequences to train on where none is given.
    static var sequenceCount: Int { get }
    /// What the length measures, for the command line's help.
    static var lengthDescription: String { get }
    /// The lengths that make sense.
    static var lengths: ClosedRange<Int> { get }

    /// The extent of sequences of the given length.
    static func extent(ofLength length: Int) -> Int

    /// Draws sequences of the given extent.
    static func sequences(
        _ count: Int, extent: Int, using randomNumbers: inout RandomNumbers
    ) -> DataSet
}

/// Which sequences are drawn to train on.
public struct SequenceOptions<Task: SequenceTask>: ParsableArguments {
    /// The length of the sequences.
    @Option(
        help: "\(Task.lengthDescription) (default: the length that the network reads)",
        transform: wholeNumber(Task.lengths))
    public var length: Int?
    /// Their number.
    @Option(
        help: "The number of sequences to train on, drawn from the seed.",
        in: 1...1 << 24)
    public var samples = Task.sequenceCount

    /// The task's own length and number.
    public init() {}
}

/// Which sequences are drawn to test on.
public struct TestSequenceOptions: ParsableArguments {
    /// The number of sequences.
    @Option(
        help: "The number of sequences to test on, the same for all networks, none used in training.",
        in: 1...1 << 24)
    public var testSamples = 1000

    /// A thousand sequences.
    public init() {}

    /// What the test's sequences follow from, and no others.
    static let seed: UInt64 = 0x7E57_5EED_0000_0001
}

extension SequenceTask {
    /// The program draws them.
    public static var dataName: String { "sequences drawn by \(Self.self)" }

    /// As they are drawn.
    public static func arrangement(for network: NetworkConfiguration) -> String { "sequences" }

    /// None: the classes are symbols, or there are none.
    public static var classNames: [String] { [] }

    /// None.
    public static var furtherCommands: [any ParsableCommand.Type] { [] }

    /// Makes the network read sequences of the length that is asked for.
    public static func adapt(_ network: inout NetworkConfiguration, to options: SequenceOptions<Self>) {
        if let length = options.length { network.extents = [extent(ofLength: length)] }
    }

    /// Draws the sequences of the training from the seed.
    public static func samples(
        _ options: TestSequenceOptions, _ trainingOptions: SequenceOptions<Self>,
        for network: NetworkConfiguration, seed: UInt64
    ) throws -> (training: DataSet, test: DataSet) {
        try expect(
            seed != TestSequenceOptions.seed, "--seed: expected another than that of the test, found \(seed)")
        return (
            try drawn(trainingOptions.samples, for: network, seed: seed),
            try testSamples(options, for: network)
        )
    }

    /// Draws the sequences of the test, of the network's extent.
    public static func testSamples(
        _ options: TestSequenceOptions, for network: NetworkConfiguration
    ) throws -> DataSet {
        try drawn(options.testSamples, for: network, seed: TestSequenceOptions.seed)
    }

    /// Draws sequences of the extent that a network reads, if the task has such.
    private static func drawn(_ count: Int, for network: NetworkConfiguration, seed: UInt64) throws -> DataSet
    {
        let extents = extent(ofLength: lengths.lowerBound)...extent(ofLength: lengths.upperBound)
        try expect(
            network.extents.count == 1 && extents ~= network.extents[0],
            "expected a network for sequences of \(extents.lowerBound) to \(extents.upperBound) positions, found "
                + "one for the extents \(network.extents)")
        let (extent, largest) = (network.extents[0], 1 << 28)
        try expect(
            count <= largest / extent,
            "expected at most \(largest) positions in all, found \(count) sequences of \(extent)")
        // Others than the network's parameters are drawn from, which follow from the seed itself.
        var randomNumbers = RandomNumbers(seed: ~seed)
        return sequences(count, extent: extent, using: &randomNumbers)
    }
}
