import DataFetching
import ExampleSupport
import Terminator
import Training

/// The images of CIFAR-10 as sequences of 1,024 pixels in three channels, row by row.
@main
struct SequentialCIFAR10: Benchmark {
    static let summary = "Learns photographs in ten classes, each a sequence of 1,024 pixels (sCIFAR10)."
    static let dataDescription = DataDescription.cifar10
    static let dataFolder = "data/cifar10"
    static let officialData: OfficialData? = .cifar10
    static let defaults = TrainingDefaults(preset: .sCIFAR10, epochs: 20)

    static func samples(
        _ part: DataSet.Part, in folder: String, for network: NetworkConfiguration
    ) throws -> DataSet {
        try DataSet(cifar10: part, folder: folder).asSequences
    }
}
