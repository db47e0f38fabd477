import CVectorLoops
import TestSupport
import Testing

@testable import Convolution

/// Every instruction set that this processor has gives right results.
///
/// In a process of its own: the limit is global, and tests that compare bits must not meet a change of it.
@Suite struct InstructionSetTests {
    @Test(.releaseOnly) func each() async {
        await #expect(processExitsWith: .success) {
            // Whoever runs the tests may have limited it.
            vl_limit_instruction_set(vl_avx512)
            let widest = vl_best_instruction_set()
            // What the widest gives in double precision is compared with direct sums elsewhere.
            var works: [(shape: Shape, operands: Operands<Double>, results: Results<Double>)] = []
            var generator = SplitMix64.announced(seed: 0xD1)
            for shape in Shape.representatives {
                for pairing in [
                    Pairing.shared(batch: 2, channels: 1), .dense(batch: 1, inputs: 2, outputs: 1),
                ] {
                    let operands = try Operands<Double>(shape, pairing, using: &generator)
                    works.append((shape, operands, try operands.results(of: shape.convolution())))
                }
            }
            let kinds: [TransformChoice.Kind?] = [nil, .fftw, .lanes]
            for set in [vl_baseline, vl_avx2, vl_avx512] {
                vl_limit_instruction_set(set)
                #expect(vl_best_instruction_set().rawValue == min(set.rawValue, widest.rawValue))
                for (work, kind) in works.flatMap({ work in kinds.map { (work, $0) } }) {
                    let (shape, operands, expected) = work
                    let label =
                        "\(shape) \(operands.pairing), instruction set \(set.rawValue), \(kind.map { "\($0)" } ?? "")"
                    // Both sides have errors.
                    let double = try Errors(
                        of: operands.results(of: shape.convolution(by: kind)), operands, from: expected)
                    #expect(
                        double.largest <= 2 * transformTolerance(Double.self, points: shape.pointCount),
                        "\(label): \(double)")
                    let float = try Errors(
                        of: Operands<Float>(operands).results(of: shape.convolution(by: kind)), operands,
                        from: expected)
                    #expect(
                        float.largest <= transformTolerance(Float.self, points: shape.pointCount),
                        "\(label): \(float)")
                }
            }
        }
    }
}
