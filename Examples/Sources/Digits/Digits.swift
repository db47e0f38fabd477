import ExampleSupport
import Terminator
import Training

/// Handwritten digits, 8x8 pixels each, as sequences of pixels or as images. They come with the program.
@main
struct Digits: ImageBenchmark {
    static let summary =
        "Learns handwritten digits, 8x8 pixels each, as sequences or, with --preset digits-image, as images."
    static let dataDescription =
        "The data comes with the program. A folder given with --data has files with the names of MNIST's."
    private static let bundledData = BundledFolder("Data", ofTarget: "Digits", sourceFile: #filePath)
    static var dataFolder: String { bundledData.path }
    static let imageShape = [1, 8, 8]
    static let defaults = TrainingDefaults(
        preset: .digitsSequence, epochs: 30, sampleCounts: SampleCounts(training: 1437, test: 360))

    static let augmentation: Augmentation? = { batch, randomNumbers in
        batch.shiftSpatially(upTo: 1, using: &randomNumbers)
    }

    static func adviceForMissingData(in folder: String) -> String? {
        guard folder == dataFolder else { return nil }
        return "the program's data was looked for in \(bundledData.candidates.joined(separator: " and ")); "
            + "--data names another folder"
    }

    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        try DataSet(part, folder: folder, classCount: 10)
    }

    static func arranged(_ images: DataSet, for network: NetworkConfiguration) -> DataSet {
        network.extents.count == 1 ? images.asSequences : images
    }
}
