import Runtime

/// What FFTW has measured in this process, or read: kept apart from the planning of plans that are not measured.
///
/// FFTW follows its wisdom also where it is to estimate, so that the bits of a result would depend on what was planned before.
/// So wisdom is taken out of FFTW before a plan is estimated, and put back before one is measured, and before wisdom is
/// exported. Both happen only when one kind of planning follows the other. All functions are called with ``PlannerLock``
/// held.
enum MeasuredWisdom<Scalar: ConvolutionScalar> {
    private static var state: LockedValue<MeasuredWisdomState> {
        Scalar.precision == .single ? singleState : doubleState
    }

    /// Before a plan is measured, and before wisdom is exported: FFTW has all of it.
    static func activate() {
        state.withLock { state in
            if let text = state.text { _ = FFTWFunctions<Scalar>.importText(text) }
            state = MeasuredWisdomState(isActive: true, text: nil)
        }
    }

    /// Before a plan is estimated: FFTW has none of it.
    static func deactivate() {
        guard state.withLock({ $0.isActive }) else { return }
        activate()
        let text = FFTWFunctions<Scalar>.exportText()
        FFTWFunctions<Scalar>.forgetAll()
        state.withLock { $0 = MeasuredWisdomState(isActive: false, text: text) }
    }

    /// After wisdom was imported.
    static func noteImport() { state.withLock { $0.isActive = true } }

    /// After all wisdom was forgotten.
    static func noteForgetting() { state.withLock { $0 = MeasuredWisdomState() } }
}

private struct MeasuredWisdomState {
    /// Whether FFTW has measured wisdom.
    var isActive = false
    /// What was taken out of it.
    var text: String?
}

private let singleState = LockedValue(MeasuredWisdomState(), isHeldAcrossForks: true)
private let doubleState = LockedValue(MeasuredWisdomState(), isHeldAcrossForks: true)
