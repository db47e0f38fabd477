import ExampleSupport
import Tensors
import Training

/// The sum of two numbers that are marked in a long sequence.
@main
struct AddingProblem: SequenceTask {
    static let summary =
        "Learns to add the two numbers that are marked in a long sequence (the adding problem)."
    static let dataDescription = "The program draws the sequences: it needs no data."
    static let defaults = TrainingDefaults(preset: .addingProblem, epochs: 15, batchSize: 32)
    static let sequenceCount = 10_000
    static let lengthDescription = "The length of the sequences."
    static let lengths = 2...1 << 20

    static func extent(ofLength length: Int) -> Int { length }

    static func sequences(
        _ count: Int, extent: Int, using randomNumbers: inout RandomNumbers
    ) -> DataSet {
        DataSet(addingProblem: count, length: extent, using: &randomNumbers)
    }
}
