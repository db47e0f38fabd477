import ExampleTestSupport
import Foundation
import Testing

/// The fitting of kernels from outside: its command line, what it prints and the pictures.
@Suite struct KernelFittingTests {
    let program: Program
    let folder: TemporaryFolder

    init() throws {
        program = try Program("KernelFitting")
        folder = try TemporaryFolder()
    }

    /// The name, the number of parameters and the error of each line.
    func results(_ outcome: Outcome) throws -> [(net: String, parameters: Int, error: Double)] {
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        return try outcome.outputLines.dropFirst().map { line in
            let cells = line.split(separator: " ")
            try #require(cells.count == 6, "\(line)")
            return (
                String(cells[0]), try #require(Int(cells[2])), try #require(Double(cells[3]))
            )
        }
    }

    @Test(arguments: ["chirp", "gabor"]) func fitsAndDrawsEveryNet(target: String) throws {
        let arguments = ["fit", "--target", target, "--steps", "5", "--hidden", "8", "--output", folder.path]
        let first = try results(try program.run(arguments))
        var names = [
            "magnet", "fourierFilters", "gaborFilters", "siren", "fourierFeatures", "perceptron", "hashGrid",
        ]
        names += target == "gabor" ? ["explicit"] : ["diagonalStateSpace", "hyena", "multiscale", "explicit"]
        #expect(first.map(\.net) == names)
        // A state space of eight modes has 33 parameters a channel.
        #expect(first.allSatisfy { $0.parameters > 30 && $0.error > 0 })

        // Once more, the same pictures to the last bit.
        func pictures() throws -> [Data] {
            try names.map {
                try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(target)-\($0).png"))
            }
        }
        let drawn = try pictures()
        #expect(drawn.allSatisfy { $0.starts(with: [0x89, 0x50, 0x4E, 0x47]) })
        #expect(Set(drawn).count == names.count)
        _ = try program.run(arguments)
        #expect(try pictures() == drawn)
    }

    /// Sines find the oscillation that a perceptron of the coordinates does not.
    @Test func sinesFitWhatRectifiersDoNot() throws {
        func error(_ net: String, steps: Int) throws -> Double {
            let outcome = try program.run(["fit", "--net", net, "--target", "chirp", "--steps", "\(steps)"])
            return try #require(try results(outcome).first).error
        }
        let siren = try error("siren", steps: 300)
        #expect(try siren < 0.25 * error("perceptron", steps: 300))
        #expect(try siren < 0.5 * error("siren", steps: 30))
    }

    @Test(arguments: [
        (["--net", "transformer"], "transformer"), (["--target", "square"], "square"),
        (["--net", "hyena", "--target", "gabor"], "expected a target in one dimension for the net hyena"),
        (["--steps", "0"], "--steps"), (["--hidden", "0"], "--hidden"), (["--layers", "0"], "--layers"),
        (["--rate", "0"], "--rate"), (["--rate", "nan"], "--rate"), (["--fraction=-1"], "--fraction"),
        (["--rate", "1e30", "--net", "siren"], "expected a finite loss at step"),
        (["--output", "/dev/null/nowhere"], "nowhere"),
    ])
    func refuses(arguments: [String], part: String) throws {
        let outcome = try program.run(["fit", "--steps", "5"] + arguments)
        #expect(
            outcome.status > 0 && outcome.errorLines.count == 1 && outcome.errors.contains(part), "\(outcome)"
        )
    }
}
