import DataCommands
import DataFetching
import ExampleSupport
import Terminator
import Training

/// The images of CIFAR-100, 32x32 pixels in three channels.
@main
struct CIFAR100: OfficialDataBenchmark {
    static let summary = "Learns photographs in a hundred classes, 32x32 pixels each (CIFAR-100)."
    static let dataDescription = DataDescription.cifar100
    static let officialData = OfficialData.cifar100
    static let imageShape = [3, 32, 32]
    static let classCount = 100
    static let defaults = TrainingDefaults(
        preset: .authorsCIFAR100, epochs: 100, sampleCounts: SampleCounts(training: 50_000, test: 10_000))

    static let augmentation: Augmentation? = { batch, randomNumbers in
        batch.shiftSpatially(upTo: 4, using: &randomNumbers)
        batch.mirrorAtRandom(using: &randomNumbers)
    }

    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        try DataSet(cifar100: part, folder: folder)
    }
}
