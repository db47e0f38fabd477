import CFFTW
import Runtime

/// How long FFTW may look for a fast plan.
public enum Rigour: String, Sendable, Hashable, CaseIterable, Codable {
    /// No measuring: a plan in microseconds, and the same one every time. The engine splits its transforms into
    /// lengths for which such plans are nearly the best.
    case estimate
    /// Measures some plans, for some milliseconds up to ``Wisdom/timeLimit``. Which one wins may differ from run to
    /// run, and with it the last bits of results, unless saved wisdom decides.
    case measure
    /// Measures many plans.
    case patient

    var flags: UInt32 {
        switch self {
        case .estimate: FFTW_ESTIMATE
        case .measure: FFTW_MEASURE
        case .patient: FFTW_PATIENT
        }
    }
}

/// Complex transforms of one length, several side by side, from one array into another.
///
/// `@unchecked Sendable`: FFTW's executions are thread-safe, planning and destroying are done under a lock.
final class FourierTransform<Scalar: ConvolutionScalar>: @unchecked Sendable {
    /// What the transforms read and write, in complex numbers.
    let layout: _FourierLayout
    private let plan: OpaquePointer

    /// Transforms without normalization. Arrays are aligned to 64 bytes and are two different ones; the input is
    /// destroyed.
    init(_ layout: _FourierLayout, rigour: Rigour) throws(ConvolutionError) {
        self.layout = layout
        let extent = (layout.length - 1) * layout.stride + (layout.count - 1) * layout.distance + 1
        let input = AlignedArray<Scalar>(zeros: 2 * extent)
        let output = AlignedArray<Scalar>(zeros: 2 * extent)
        if rigour != .estimate { Wisdom.loadAutomatically(Scalar.self) }
        let plan = Planner.locked {
            Scalar._limitPlanning(seconds: Planner.timeLimit)
            return Scalar._plan(
                layout, input: input.pointer, output: output.pointer, flags: rigour.flags | FFTW_DESTROY_INPUT
            )
        }
        guard let plan else { throw .planningFailed(length: layout.length) }
        self.plan = plan
        if rigour != .estimate { Wisdom.saveAutomatically(Scalar.self) }
    }

    deinit {
        Planner.locked { Scalar._destroy(plan) }
    }

    /// Transforms `input` into `output`; both as aligned as those that were planned with.
    func callAsFunction(_ input: UnsafeMutablePointer<Scalar>, _ output: UnsafeMutablePointer<Scalar>) {
        Scalar._execute(plan, input, output)
    }
}

/// FFTW's planner: one thread at a time.
enum Planner {
    private static let mutex = LockedValue<Void>((), isHeldAcrossForks: true)
    private static let storedTimeLimit = LockedValue<Double>(10, isHeldAcrossForks: true)

    static func locked<Result>(_ body: () -> sending Result) -> sending Result {
        mutex.withLock { _ in body() }
    }

    /// The longest time that planning one transform may take, in seconds.
    static var timeLimit: Double {
        get { storedTimeLimit.withLock { $0 } }
        set { storedTimeLimit.withLock { $0 = newValue } }
    }
}
