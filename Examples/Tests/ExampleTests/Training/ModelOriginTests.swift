import ExampleTestSupport
import Foundation
import Tensors
import Testing
import Terminator
import Training

/// Programs know their own models.
@Suite struct ModelOriginTests {
    private let program: Program
    private let folder: TemporaryFolder
    private var file: String { folder.file("output") + "/model.safetensors" }

    init() throws {
        program = try Program("Digits")
        folder = try TemporaryFolder()
        let outcome = try program.run([
            "train", "--batch-size", "256", "--epochs", "1", "--quiet", "--output", folder.file("output"),
        ])
        try #require(outcome.status == 0, "\(outcome)")
    }

    private func rewrite(_ change: (inout TrainedNetwork) -> Void) throws -> String {
        var trained = try TrainedNetwork(contentsOf: file)
        change(&trained)
        try trained.save(to: folder.file("changed"))
        return folder.file("changed")
    }

    @Test func modelsSayWhatTheyAre() throws {
        #expect(
            try TrainedNetwork(contentsOf: file).record
                == TrainingRecord(
                    program: "Digits", data: "Digits", arrangement: "sequences of pixels, row by row"))
    }

    @Test func foreignModelsAreRefused() throws {
        let permuted = "sequences of pixels, permuted by the seed 1"
        let foreign = try rewrite { $0.record?.program = "SequentialMNIST" }
        for arguments in [
            ["evaluate", foreign], ["report", foreign],
            ["train", "--from", foreign, "--output", folder.file("new")],
        ] {
            let outcome = try program.run(arguments)
            #expect(outcome.status == 1, "\(outcome)")
            #expect(
                outcome.errors
                    == "error: \(foreign): expected a network trained by Digits on sequences of pixels, row by row, found "
                    + "one trained by SequentialMNIST on sequences of pixels, row by row\n")
        }
        let arranged = try rewrite { $0.record?.arrangement = permuted }
        let outcome = try program.run(["evaluate", arranged])
        #expect(outcome.status == 1 && outcome.errors.contains("found one trained by Digits on \(permuted)"))
        // Those that read no data take any model.
        #expect(try program.run(["kernels", foreign, "--output", folder.file("kernels")]).status == 0)
        #expect(try program.run(["info", "--model", foreign]).status == 0)
    }

    /// Models of earlier versions have no record.
    @Test func modelsWithoutRecordAreTaken() throws {
        let silent = try rewrite { $0.record = nil }
        let (known, unknown) = (try program.run(["evaluate", file]), try program.run(["evaluate", silent]))
        #expect(known.status == 0 && known.errors == "")
        #expect(unknown.status == 0)
        #expect(
            unknown.errors
                == "warning: \(silent) does not say which program trained it; it is taken for one of Digits\n"
        )
        #expect(unknown.outputLines.suffix(2) == known.outputLines.suffix(2))
    }

    /// A network whose numbers are none says so in every command that computes with it.
    @Test func networksOfNoNumbersAreExplained() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        for index in (8 + header)..<bytes.count { bytes[index] = 0xFF }
        let damaged = try folder.write(bytes, to: "damaged")
        let image = try folder.write(
            Array("P5 8 8 255\n".utf8) + [UInt8](repeating: 100, count: 64), to: "digit.pgm")
        for arguments in [
            ["evaluate", damaged], ["report", damaged], ["predict", "--model", damaged, image],
        ] {
            let outcome = try program.run(arguments)
            let command = arguments[0]
            #expect(outcome.status == 1, "\(command): \(outcome)")
            #expect(
                outcome.errors
                    == "error: expected finite logits in evaluation, found not a number\n")
        }
    }
}
