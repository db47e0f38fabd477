import DataCommands
import DataFetching
import ExampleSupport
import Terminator
import Training

/// The images of MNIST as sequences of 784 pixels, row by row.
@main
struct SequentialMNIST: OfficialDataBenchmark {
    static let summary = "Learns handwritten digits, each a sequence of 784 pixels (sMNIST)."
    static let dataDescription = DataDescription.mnist
    static let officialData = OfficialData.mnist
    static let imageShape = [1, 28, 28]
    static let defaults = TrainingDefaults(
        preset: .sMNIST, epochs: 6, sampleCounts: SampleCounts(training: 60_000, test: 10_000))

    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        try DataSet(part, folder: folder, classCount: 10)
    }

    static func arranged(_ images: DataSet, for network: NetworkConfiguration) -> DataSet {
        images.asSequences
    }
}
