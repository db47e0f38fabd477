import CVectorLoops
import Foundation
import TestSupport
import Testing

@testable import Convolution

/// Which transforms plans take follows from shape, precision and instruction set, and from the environment. Each test of the
/// environment has a process of its own, as that is read once.
@Suite struct TransformChoiceTests {
    /// What a plan for rows of a thousand samples goes through.
    private static func kind() throws -> String {
        let plan: Plan<Float> = try
            (Shape(signal: [1000], kernel: [1000], boundary: .causal).convolution()
            as LongConvolution<Float>).plan
        return switch plan.method {
        case .spectral(.rightAngle): "fftw"
        case .spectral(.residueLanes): "lanes"
        default: "another"
        }
    }

    @Test func environmentChoosesTheKind() async {
        for kind in ["fftw", "lanes"] {
            await #expect(processExitsWith: .success) { [kind = kind as String] in
                setenv("LONGCONV_TRANSFORMS", kind, 1)
                #expect((try? Self.kind()) == kind)
            }
        }
    }

    @Test func environmentLimitsTheInstructionSet() async {
        await #expect(processExitsWith: .success) {
            setenv("LONGCONV_INSTRUCTION_SET", "baseline", 1)
            #expect(vl_best_instruction_set() == vl_baseline)
        }
    }

    @Test func unknownWordsAreNamed() async {
        for (name, expected) in [
            ("LONGCONV_TRANSFORMS", "expected fftw or lanes, found \"Fftw\""),
            ("LONGCONV_INSTRUCTION_SET", "expected baseline, avx2 or avx512, found \"Fftw\""),
        ] {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                [name = name as String] in
                // Whoever runs the tests may have set them.
                unsetenv("LONGCONV_TRANSFORMS")
                unsetenv("LONGCONV_INSTRUCTION_SET")
                let usual = TransformChoice(nil)
                setenv(name, "Fftw", 1)
                #expect(TransformChoice.current == usual)
                #expect((try? Self.kind()) == "lanes" || (try? Self.kind()) == "fftw")
            }
            let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(output.contains("warning: \(name): \(expected)"), "\(output)")
        }
    }

    /// FFTW is asked where lanes would be slower by the cost model: for rows that do not fill vectors.
    @Test func theCheaperOneIsTaken() throws {
        for length in [30, 100, 1000, 10_000, 30_000] {
            let other = RightAngleRecipe.best(atLeast: length)
            let found = TransformChoice(nil).laneRecipe(atLeast: length, fasterThan: other, Float.self)
            if let found {
                #expect(found.recipe.cost < other.cost && found.recipe.length >= length)
                #expect(found.recipe.rowLength >= found.recipe.lanes)
            }
            #expect(TransformChoice(.fftw).laneRecipe(atLeast: length, fasterThan: other, Float.self) == nil)
            #expect(TransformChoice(.lanes).laneRecipe(atLeast: length, fasterThan: other, Float.self) != nil)
        }
    }
}
