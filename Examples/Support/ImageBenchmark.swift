import ArgumentParser
import DataFetching
import Terminator
import Training

/// A benchmark of images in files.
public protocol ImageBenchmark: Benchmark
where DataOptions == DataFolderOptions<Self>, TrainingDataOptions == NoOptions {
    /// The folder that is read where none is given.
    static var dataFolder: String { get }
    /// The official data that can be fetched, if there are any.
    static var officialData: OfficialData? { get }

    /// The shape of the images: channels, rows, columns.
    static var imageShape: [Int] { get }
    /// The number of classes.
    static var classCount: Int { get }
    /// The names of the classes; numbers where there are none.
    static var classNames: [String] { get }

    /// Reads a part of the data: images `[channels, rows, columns]`.
    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet

    /// The images in the form that the network reads; as they are, unless a benchmark says otherwise.
    static func arranged(_ images: DataSet, for network: NetworkConfiguration) -> DataSet
}

/// Where the data are.
public struct DataFolderOptions<B: ImageBenchmark>: ParsableArguments {
    /// The folder with the files.
    @Option(help: "The folder with the data.") public var data = B.dataFolder

    /// The benchmark's own folder.
    public init() {}
}

extension ImageBenchmark {
    /// The images as they are.
    public static func arranged(_ images: DataSet, for network: NetworkConfiguration) -> DataSet { images }

    /// Ten.
    public static var classCount: Int { 10 }

    /// None: the classes are digits, or numbers like them.
    public static var classNames: [String] { [] }

    /// There is nothing to fetch.
    public static var officialData: OfficialData? { nil }

    /// Images can be classified that are in no data set, mistakes be shown, and official data be fetched.
    public static var furtherCommands: [any ParsableCommand.Type] {
        [Predict<Self>.self, Report<Self>.self] + (officialData == nil ? [] : [DataCommands<Self>.self])
    }

    /// Leaves the network as it is.
    public static func adapt(_ network: inout NetworkConfiguration, to options: NoOptions) {}

    /// Both parts of the data.
    public static func samples(
        _ options: DataFolderOptions<Self>, _: NoOptions, for network: NetworkConfiguration, seed: UInt64
    ) throws -> (training: DataSet, test: DataSet) {
        let training = arranged(try presentImages(.training, in: options.data), for: network)
        let test = try testSamples(options, for: network)
        guard test.sampleShape == training.sampleShape else {
            throw DataFileError(
                file: options.data,
                reason: .sampleShape(expected: training.sampleShape, found: test.sampleShape))
        }
        return (training, test)
    }

    /// The part of the data to test on.
    public static func testSamples(
        _ options: DataFolderOptions<Self>, for network: NetworkConfiguration
    ) throws -> DataSet {
        arranged(try presentImages(.test, in: options.data), for: network)
    }
}
