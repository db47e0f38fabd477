import CFFTW

/// How long FFTW may look for a fast plan. The engine's own transforms, which most shapes take where the processor has
/// AVX2 or AVX-512, need none.
public enum Rigour: String, Sendable, Hashable, CaseIterable, Codable {
    /// No measuring: a plan in microseconds, and the same one every time. The engine splits its transforms into
    /// lengths for which such plans are nearly the best.
    case estimate
    /// Measures some plans, for some milliseconds up to ``Wisdom/timeLimit``. Which one wins may differ from run to
    /// run, and with it the last bits of results, unless saved wisdom decides.
    case measure
    /// Measures many plans.
    case patient

    /// FFTW's planner flag.
    var flags: UInt32 {
        switch self {
        case .estimate: FFTW_ESTIMATE
        case .measure: FFTW_MEASURE
        case .patient: FFTW_PATIENT
        }
    }
}
