import CLongConvolution
import Convolution
import TestSupport

@testable import LongConvolutionC

/// The convolution of a case by its definition, from values in row-major order.
struct Reference {
    let shape: Case
    /// The convolution of which `window` is kept.
    private let map: DirectBilinearMap
    private let fullExtents: [Int]
    private let window: [Range<Int>]

    init(_ shape: Case) {
        self.shape = shape
        let orientation: Orientation = shape.orientation == LONGCONV_CONVOLUTION ? .convolution : .correlation
        let isCircular = shape.boundary == LONGCONV_CIRCULAR
        let kernel =
            shape.has(LONGCONV_IS_BIDIRECTIONAL) ? [2 * shape.kernel[0] - 1 + shape.lag] : shape.kernel
        map = DirectBilinearMap(
            signal: shape.signal, kernel: kernel, boundary: isCircular ? .circular : .full,
            orientation: orientation)
        fullExtents = isCircular ? shape.signal : zip(shape.signal, kernel).map { $0 + $1 - 1 }
        window = zip(shape.output, zip(shape.kernel, kernel)).map { output, kernels in
            let (kernel, joined) = kernels
            let start =
                switch shape.boundary {
                case LONGCONV_CENTRED:
                    shape.center == LONGCONV_CENTER_UPPER ? kernel / 2 : (kernel - 1) / 2
                case LONGCONV_VALID: kernel - 1
                // The forward kernel begins where the reversed backward one has ended.
                default: joined - kernel
                }
            return start..<start + output
        }
    }

    /// The places of the outputs in the full convolution, in row-major order.
    private var places: [Int] {
        zip(fullExtents, window).reduce([0]) { places, axis in
            places.flatMap { place in axis.1.map { place * axis.0 + $0 } }
        }
    }

    /// All results, by operand.
    func results(_ values: [Operand: [Double]]) -> [Operand: [Double]] {
        var results: [Operand: [Double]] = [:]
        for operand in shape.gradients { results[operand] = zeros(operand) }
        results[.output] = zeros(.output)
        let places = places
        for sample in 0..<shape.batch {
            for channel in 0..<shape.channels {
                let row = sample * shape.channels + channel
                let kernelRow = shape.isPerSample ? row : channel
                func part(_ operand: Operand, _ row: Int) -> [Double]? {
                    values[operand].map { values in
                        let count = shape.counts(operand)[2...].reduce(1, *)
                        return Array(values[row * count..<(row + 1) * count])
                    }
                }
                func add(_ terms: [Double], to operand: Operand, _ row: Int) {
                    guard results[operand] != nil else { return }
                    for (index, term) in terms.enumerated() {
                        results[operand]![row * terms.count + index] += term
                    }
                }
                let (u, k) = (
                    part(.signal, row)!, joined(part(.kernel, kernelRow)!, part(.reverseKernel, kernelRow))
                )
                let a = part(.inputGate, row) ?? u.map { _ in 1 }
                let v = zip(u, a).map(*)
                let skip = part(.skip, channel)?[0] ?? 0
                let full = map.output(v[...], k[...]).values
                var ungated = places.map { full[$0] }
                if skip != 0 { ungated = zip(ungated, v).map { $0 + skip * $1 } }
                let b = part(.outputGate, row) ?? ungated.map { _ in 1 }
                add(zip(b, ungated).map(*), to: .output, row)

                guard let g = part(.upstream, row) else { continue }
                let h = zip(b, g).map(*)
                var embedded = [Double](repeating: 0, count: full.count)
                for (place, value) in zip(places, h) { embedded[place] = value }
                var dv = map.signalGradient(embedded[...], k[...])
                if shape.has(LONGCONV_HAS_SKIP) {
                    dv = zip(dv, h).map { $0 + skip * $1 }
                    add([zip(h, v).reduce(0) { $0 + $1.0 * $1.1 }], to: .skipGradient, channel)
                }
                add(zip(a, dv).map(*), to: .signalGradient, row)
                add(zip(u, dv).map(*), to: .inputGateGradient, row)
                add(zip(g, ungated).map(*), to: .outputGateGradient, row)
                let dk = map.kernelGradient(embedded[...], v[...])
                guard shape.has(LONGCONV_IS_BIDIRECTIONAL) else {
                    add(dk, to: .kernelGradient, kernelRow)
                    continue
                }
                let length = shape.kernel[0]
                add(Array(dk.suffix(length)), to: .kernelGradient, kernelRow)
                add(dk.prefix(length).reversed(), to: .reverseKernelGradient, kernelRow)
            }
        }
        return results
    }

    /// The taps of a pair at the distances -(K - 1) - lag ... K - 1 from the present.
    private func joined(_ forward: [Double], _ backward: [Double]?) -> [Double] {
        guard let backward else { return forward }
        var joined = [Double](repeating: 0, count: 2 * forward.count - 1 + shape.lag)
        for s in forward.indices {
            joined[forward.count - 1 + shape.lag + s] += forward[s]
            joined[forward.count - 1 - s] += backward[s]
        }
        return joined
    }

    private func zeros(_ operand: Operand) -> [Double] {
        [Double](repeating: 0, count: shape.counts(operand).reduce(1, *))
    }
}
