import ArgumentParser
import Foundation
import Terminator
import Training

/// A benchmark of images in files.
public protocol ImageBenchmark: Benchmark
where DataOptions == DataFolderOptions<Self>, TrainingDataOptions == NoOptions {
    /// The folder that is read where none is given.
    static var dataFolder: String { get }
    /// The command that brings data into a folder where there are none, if there is one.
    static func fetchCommand(into folder: String) -> String?
    /// What to do where there are no data in a folder, if there is anything to say.
    static func adviceForMissingData(in folder: String) -> String?

    /// The shape of the images: channels, rows, columns.
    static var imageShape: [Int] { get }
    /// The number of classes.
    static var classCount: Int { get }

    /// Reads a part of the data: images `[channels, rows, columns]`.
    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet

    /// The images in the form that the network reads; as they are, unless a benchmark says otherwise.
    static func arranged(_ images: DataSet, for network: NetworkConfiguration) -> DataSet
}

/// Where the data are.
public struct DataFolderOptions<B: ImageBenchmark>: ParsableArguments {
    /// The folder with the files.
    @Option(help: "The folder with the data.", completion: .directory) public var data = B.dataFolder

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

    /// Named as the program.
    public static var dataName: String { "\(Self.self)" }

    /// Images, or their pixels row by row.
    public static func arrangement(for network: NetworkConfiguration) -> String {
        network.extents.count == 1 ? "sequences of pixels, row by row" : "images"
    }

    /// Images can be classified that are in no data set, and mistakes be shown.
    public static var furtherCommands: [any ParsableCommand.Type] { imageCommands }

    /// The commands that all benchmarks with images have.
    public static var imageCommands: [any ParsableCommand.Type] {
        [Predict<Self>.self, Report<Self>.self]
    }

    /// There is none.
    public static func fetchCommand(into folder: String) -> String? { nil }

    /// Names the command that fetches them, if there is one.
    public static func adviceForMissingData(in folder: String) -> String? {
        fetchCommand(into: folder).map { "'\($0)' fetches the data" }
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

    /// Reads a part of the data; where there are none, the error says how to come by them.
    static func presentImages(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        do {
            return try images(part, in: folder)
        } catch let error as DataFileError {
            guard let advice = adviceForMissingData(in: folder),
                !FileManager.default.fileExists(atPath: error.file)
            else { throw error }
            throw MissingDataError(error: error, advice: advice)
        }
    }
}

/// Data are not where they were looked for.
struct MissingDataError: Error, CustomStringConvertible {
    let error: DataFileError
    /// What to do.
    let advice: String

    var description: String { "\(error); \(advice)" }
}
