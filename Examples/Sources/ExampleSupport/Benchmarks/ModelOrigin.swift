import Terminator
import Training

extension Benchmark {
    /// What the benchmark's models say of themselves.
    static func record(for network: NetworkConfiguration) -> TrainingRecord {
        TrainingRecord(
            program: "\(Self.self)", data: dataName, arrangement: arrangement(for: network),
            classNames: classNames.count == network.classCount ? classNames : [])
    }

    /// The names of a network's classes, in the order of its logits: those of its file, or else the benchmark's; `nil` for
    /// classes without names.
    static func classNames(of trained: TrainedNetwork) -> [String]? {
        let names = trained.record?.classNames ?? record(for: trained.network.configuration).classNames
        return names.isEmpty ? nil : names
    }

    /// Reads a network that the benchmark's program trained. One of another program, or for inputs that are arranged
    /// otherwise, is refused; one that does not say what it is for is taken, with a warning.
    package static func trainedNetwork(contentsOf file: String) throws -> TrainedNetwork {
        let trained = try TrainedNetwork(contentsOf: file)
        guard let found = trained.record else {
            StandardStream.error.write(
                "warning: \(file) does not say which program trained it; it is taken for one of \(Self.self)\n"
            )
            return trained
        }
        let expected = record(for: trained.network.configuration)
        guard found.program == expected.program, found.arrangement == expected.arrangement else {
            throw ForeignModelError(file: file, expected: expected, found: found)
        }
        return trained
    }
}

/// A model was trained for other inputs than the program reads.
struct ForeignModelError: Error, CustomStringConvertible {
    let file: String
    let expected: TrainingRecord
    let found: TrainingRecord

    var description: String {
        "\(file): expected a network trained by \(expected.program) on \(expected.arrangement), found one trained by "
            + "\(found.program) on \(found.arrangement)"
    }
}
