import DataCommands
import DataFetching
import ExampleSupport
import Terminator
import Training

/// The images of CIFAR-10, 32x32 pixels in three channels.
@main
struct CIFAR10: OfficialDataBenchmark {
    static let summary = "Learns photographs in ten classes, 32x32 pixels each (CIFAR-10)."
    static let dataDescription = DataDescription.cifar10
    static let officialData = OfficialData.cifar10
    static let imageShape = [3, 32, 32]
    static let classNames = ClassNames.cifar10
    static let defaults = TrainingDefaults(
        preset: .authorsCIFAR10, epochs: 100, sampleCounts: SampleCounts(training: 50_000, test: 10_000))

    static let augmentation: Augmentation? = { batch, randomNumbers in
        batch.shiftSpatially(upTo: 4, using: &randomNumbers)
        batch.mirrorAtRandom(using: &randomNumbers)
    }

    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        try DataSet(cifar10: part, folder: folder)
    }
}
