import ExampleSupport
import Tensors
import Training

/// Ten symbols that are to be said again after a long time.
@main
struct CopyMemory: SequenceTask {
    static let summary = "Learns to repeat ten symbols after a long time (the copy memory task)."
    static let dataDescription =
        "The program draws the sequences: it needs no data. The accuracy counts the ten symbols only."
    static let defaults = TrainingDefaults(
        preset: .copyMemory, epochs: 5, batchSize: 16,
        objective: TrainingObjective(labelSmoothing: 0))
    static let sequenceCount = 2_000
    static let lengthDescription =
        "The time between the symbols and their repetition; sequences have 20 more positions."
    static let lengths = 1...1 << 20

    static func extent(ofLength length: Int) -> Int { Training.CopyMemory.length(delay: length) }

    static func sequences(
        _ count: Int, extent: Int, using randomNumbers: inout RandomNumbers
    ) -> DataSet {
        DataSet(
            copyMemory: count, delay: extent - Training.CopyMemory.length(delay: 0), using: &randomNumbers)
    }
}
