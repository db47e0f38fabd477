import CFFTW

/// FFTW's functions for one precision.
///
/// FFTW has each function twice, `fftwf_` and `fftw_`; in specialized code the choice is a constant. All but ``execute``
/// are called with ``PlannerLock`` held.
enum FFTWFunctions<Scalar: ConvolutionScalar> {
    private static var isSingle: Bool { Scalar.precision == .single }

    /// A plan for complex transforms, or `nil` if FFTW has none.
    static func plan(
        _ layout: FFTWLayout, input: UnsafeMutableRawPointer, output: UnsafeMutableRawPointer, flags: UInt32
    ) -> OpaquePointer? {
        let sign = layout.isForward ? FFTW_FORWARD : FFTW_BACKWARD
        if isSingle {
            var axis = fftwf_iodim64(n: layout.length, is: layout.stride, os: layout.stride)
            var many = fftwf_iodim64(n: layout.count, is: layout.distance, os: layout.distance)
            return fftwf_plan_guru64_dft(
                1, &axis, 1, &many, input.assumingMemoryBound(to: fftwf_complex.self),
                output.assumingMemoryBound(to: fftwf_complex.self), sign, flags)
        }
        var axis = fftw_iodim64(n: layout.length, is: layout.stride, os: layout.stride)
        var many = fftw_iodim64(n: layout.count, is: layout.distance, os: layout.distance)
        return fftw_plan_guru64_dft(
            1, &axis, 1, &many, input.assumingMemoryBound(to: fftw_complex.self),
            output.assumingMemoryBound(to: fftw_complex.self), sign, flags)
    }

    /// Executes a plan on other arrays of the same alignment.
    static func execute(
        _ plan: OpaquePointer, _ input: UnsafeMutableRawPointer, _ output: UnsafeMutableRawPointer
    ) {
        if isSingle {
            fftwf_execute_dft(
                plan, input.assumingMemoryBound(to: fftwf_complex.self),
                output.assumingMemoryBound(to: fftwf_complex.self))
        } else {
            fftw_execute_dft(
                plan, input.assumingMemoryBound(to: fftw_complex.self),
                output.assumingMemoryBound(to: fftw_complex.self))
        }
    }

    static func destroy(_ plan: OpaquePointer) {
        if isSingle { fftwf_destroy_plan(plan) } else { fftw_destroy_plan(plan) }
    }

    static func limitPlanning(seconds: Double) {
        if isSingle { fftwf_set_timelimit(seconds) } else { fftw_set_timelimit(seconds) }
    }

    /// The wisdom of this precision as text.
    static func exportWisdom() -> String? {
        MeasuredWisdom<Scalar>.activate()
        return exportText()
    }

    /// The wisdom that FFTW has at the moment.
    static func exportText() -> String? {
        let text = isSingle ? fftwf_export_wisdom_to_string() : fftw_export_wisdom_to_string()
        guard let text else { return nil }
        defer { fftw_free(text) }
        return String(cString: text)
    }

    /// Adds wisdom; returns whether FFTW accepts it.
    static func importWisdom(_ text: String) -> Bool {
        MeasuredWisdom<Scalar>.noteImport()
        return importText(text)
    }

    static func importText(_ text: String) -> Bool {
        (isSingle ? fftwf_import_wisdom_from_string(text) : fftw_import_wisdom_from_string(text)) != 0
    }

    static func forgetWisdom() {
        forgetAll()
        MeasuredWisdom<Scalar>.noteForgetting()
    }

    static func forgetAll() {
        if isSingle { fftwf_forget_wisdom() } else { fftw_forget_wisdom() }
    }
}
