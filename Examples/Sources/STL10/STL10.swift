import DataCommands
import DataFetching
import ExampleSupport
import Terminator
import Training

/// The labeled images of STL-10, 96x96 pixels in three channels.
///
/// All 5,000 images to train on are one training set here; the ten folds of the data set are not made.
@main
struct STL10: OfficialDataBenchmark {
    static let summary = "Learns photographs in ten classes, 96x96 pixels each (STL-10)."
    static let dataDescription = DataDescription.stl10
    static let officialData = OfficialData.stl10
    static let imageShape = [3, 96, 96]
    static let classNames = ClassNames.stl10
    static let defaults = TrainingDefaults(
        preset: .authorsSTL10, epochs: 100, batchSize: 16,
        sampleCounts: SampleCounts(training: 5_000, test: 8_000))

    static let augmentation: Augmentation? = { batch, randomNumbers in
        batch.shiftSpatially(upTo: 12, using: &randomNumbers)
        batch.mirrorAtRandom(using: &randomNumbers)
    }

    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        try DataSet(stl10: part, folder: folder)
    }
}
