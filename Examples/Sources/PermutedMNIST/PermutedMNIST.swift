import DataCommands
import DataFetching
import ExampleSupport
import Terminator
import Training

/// The images of MNIST as sequences of 784 pixels in a random order, the same for all images: neighbors in the
/// sequence have nothing to do with each other any more.
@main
struct PermutedMNIST: OfficialDataBenchmark {
    static let summary =
        "Learns handwritten digits, each a sequence of 784 pixels in a random order (pMNIST)."
    static let dataDescription = DataDescription.mnist
    static let officialData = OfficialData.mnist
    static let imageShape = [1, 28, 28]
    static let defaults = TrainingDefaults(
        preset: .pMNIST, epochs: 6, sampleCounts: SampleCounts(training: 60_000, test: 10_000))

    /// The seed of the order; another one makes another task.
    static let permutationSeed: UInt64 = 92916

    static func images(_ part: DataSet.Part, in folder: String) throws -> DataSet {
        try DataSet(part, folder: folder, classCount: 10)
    }

    static func arrangement(for network: NetworkConfiguration) -> String {
        "sequences of pixels, permuted by the seed \(permutationSeed)"
    }

    static func arranged(_ images: DataSet, for network: NetworkConfiguration) -> DataSet {
        images.asSequences.permuted(seed: permutationSeed)
    }
}
