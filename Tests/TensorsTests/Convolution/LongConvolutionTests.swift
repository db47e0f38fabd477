import Tensors
import TestSupport
import Testing

struct LongConvolutionTests {
    /// Behind a beginning that is a millionth of the rest: with a head the first outputs are accurate by themselves, without
    /// one to the rounding of the whole row.
    @Test func anExactHeadIsAccurateByItself() {
        var numbers = seededNumbers()
        let (length, head) = (300, 20)
        let weak = Tensor(
            shape: [length], scalars: (0..<length).map { $0 < head ? 1e-6 : 1 })
        let signals = (0..<2).map { _ in (numbers.tensor([2, 3, length]) * weak).detached }
        let kernel = numbers.tensor([2, 3, length])
        let exact = Tensor.longConvolution(signals, kernel: kernel, boundary: .causal, exactHead: head)
        let plain = Tensor.longConvolution(signals, kernel: kernel, boundary: .causal)
        var (missedByHead, missedWithout) = (0, 0)
        for (signal, (exact, plain)) in zip(signals, zip(exact, plain)) {
            for row in 0..<6 {
                let (x, k) = (signal.scalars[(row * length)...], kernel.scalars[(row * length)...])
                for t in 0..<head {
                    let terms = (0...t).map {
                        Double(k[row * length + $0]) * Double(x[row * length + t - $0])
                    }
                    // As the engine promises: 4 ε of the terms' magnitudes.
                    let bound = 4 * floatEpsilon * terms.reduce(0) { $0 + abs($1) }
                    func misses(_ outputs: Tensor) -> Int {
                        let found = Double(outputs.scalars[row * length + t])
                        return abs(found - terms.reduce(0, +)) <= bound ? 0 : 1
                    }
                    missedByHead += misses(exact)
                    missedWithout += misses(plain)
                }
            }
        }
        #expect(missedByHead == 0)
        #expect(missedWithout > 0)
        let operands = [numbers.tensor([1, 2, 40]), numbers.tensor([1, 2, 40])]
        let mismatches = gradientMismatches(of: operands) {
            Tensor.longConvolution([$0[0]], kernel: $0[1], boundary: .causal, exactHead: 8)[0]
        }
        #expect(mismatches == [])
    }
}
