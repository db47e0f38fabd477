import CFFTW
import Runtime

/// Complex transforms of one length, several rows at a time, out of place: a plan of FFTW.
///
/// `@unchecked Sendable`: FFTW's executions are thread-safe; planning and destroying happen under ``PlannerLock``.
final class FFTWPlan<Scalar: ConvolutionScalar>: @unchecked Sendable {
    /// What the transforms read and write, in complex numbers.
    let layout: FFTWLayout
    private let plan: OpaquePointer

    /// Transforms without normalization. Input and output are two arrays, aligned to 64 bytes; the input is destroyed.
    init(_ layout: FFTWLayout, rigour: Rigour) throws(ConvolutionError) {
        self.layout = layout
        let extent = (layout.length - 1) * layout.stride + (layout.count - 1) * layout.distance + 1
        let input = PooledArray<Scalar>(count: 2 * extent)
        let output = PooledArray<Scalar>(count: 2 * extent)
        // Without measuring FFTW looks at nothing but the arrays' addresses: their pages need not be there.
        if rigour != .estimate {
            input.pointer.update(repeating: 0, count: 2 * extent)
            output.pointer.update(repeating: 0, count: 2 * extent)
        }
        if rigour != .estimate { Wisdom.loadAutomatically(Scalar.self) }
        let plan = PlannerLock.locked {
            if rigour == .estimate {
                MeasuredWisdom<Scalar>.deactivate()
            } else {
                MeasuredWisdom<Scalar>.activate()
            }
            FFTWFunctions<Scalar>.limitPlanning(seconds: PlannerLock.timeLimit)
            return FFTWFunctions<Scalar>.plan(
                layout, input: input.pointer, output: output.pointer, flags: rigour.flags | FFTW_DESTROY_INPUT
            )
        }
        guard let plan else { throw .planningFailed(length: layout.length) }
        self.plan = plan
        if rigour != .estimate { Wisdom.saveAutomatically(Scalar.self) }
    }

    deinit {
        PlannerLock.locked { FFTWFunctions<Scalar>.destroy(plan) }
    }

    /// Transforms `input` into `output`.
    func callAsFunction(_ input: UnsafeMutablePointer<Scalar>, _ output: UnsafeMutablePointer<Scalar>) {
        FFTWFunctions<Scalar>.execute(plan, input, output)
    }
}

/// The rows of complex transforms: element n of row j lies at n · stride + j · distance.
struct FFTWLayout: Hashable, Sendable {
    var length: Int
    var count: Int
    var stride: Int
    var distance: Int
    var isForward: Bool

    /// The same transforms in the other direction.
    var reversed: FFTWLayout {
        var layout = self
        layout.isForward.toggle()
        return layout
    }
}
