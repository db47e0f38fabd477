import DataFetching
import ExampleSupport
import Terminator
import Training

/// The images of MNIST as sequences of 784 pixels, row by row.
@main
struct SequentialMNIST: Benchmark {
    static let summary = "Learns handwritten digits, each a sequence of 784 pixels (sMNIST)."
    static let dataDescription = DataDescription.mnist
    static let dataFolder = "data/mnist"
    static let officialData: OfficialData? = .mnist
    static let defaults = TrainingDefaults(preset: .sMNIST, epochs: 9)

    static func samples(
        _ part: DataSet.Part, in folder: String, for network: NetworkConfiguration
    ) throws -> DataSet {
        try DataSet(part, folder: folder, classCount: 10).asSequences
    }
}
