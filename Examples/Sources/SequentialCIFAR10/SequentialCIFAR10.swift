import DataCommands
import DataFetching
import ExampleSupport
import Terminator
import Training

/// The images of CIFAR-10 as sequences of 1,024 pixels in three channels, row by row.
@main
struct SequentialCIFAR10: OfficialDataBenchmark {
    static let summary = "Learns photographs in ten classes, each a sequence of 1,024 pixels (sCIFAR10)."
    static let dataDescription = DataDescription.cifar10
    static let officialData = OfficialData.cifar10
    static let imageShape = [3, 32, 32]
    static let classNames = ClassNames.cifar10
    static let defaults = TrainingDefaults(
        preset: .sCIFAR10, epochs: 20, sampleCounts: SampleCounts(training: 50_000, test: 10_000))

    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        try DataSet(cifar10: part, folder: folder)
    }

    static func arranged(_ images: DataSet, for network: NetworkConfiguration) -> DataSet {
        images.asSequences
    }
}
