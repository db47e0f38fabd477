// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CFFTW
import CVectorLoops

/// The precision of a convolution: `Float` or `Double`.
///
/// The requirements reach FFTW and the vector loops of that precision. They are this module's own affair: no other
/// type can conform usefully, and they may change in any release.
public protocol ConvolutionScalar: BinaryFloatingPoint, Sendable {
    /// The vector loops, for the best instruction set of this processor.
    static var _loops: UnsafePointer<vl_spectral_loops> { get }
    /// A plan of FFTW for complex transforms side by side; see ``FourierTransform``.
    static func _plan(
        _ transform: _FourierLayout, input: UnsafeMutableRawPointer, output: UnsafeMutableRawPointer,
        flags: UInt32
    ) -> OpaquePointer?
    static func _execute(
        _ plan: OpaquePointer, _ input: UnsafeMutableRawPointer, _ output: UnsafeMutableRawPointer)
    static func _destroy(_ plan: OpaquePointer)
    static func _limitPlanning(seconds: Double)
    static func _exportWisdom() -> String?
    static func _importWisdom(_ text: String) -> Bool
    static func _forgetWisdom()
}

/// Complex transforms side by side: element n of transform j stands at n · stride + j · distance.
public struct _FourierLayout: Hashable, Sendable {
    var length: Int
    var count: Int
    var stride: Int
    var distance: Int
    var isForward: Bool
}

extension Float: ConvolutionScalar {
    public static var _loops: UnsafePointer<vl_spectral_loops> { vl_spectral_loops_float() }

    public static func _plan(
        _ transform: _FourierLayout, input: UnsafeMutableRawPointer, output: UnsafeMutableRawPointer,
        flags: UInt32
    ) -> OpaquePointer? {
        var axis = fftwf_iodim64(n: transform.length, is: transform.stride, os: transform.stride)
        var many = fftwf_iodim64(n: transform.count, is: transform.distance, os: transform.distance)
        return fftwf_plan_guru64_dft(
            1, &axis, 1, &many, input.assumingMemoryBound(to: fftwf_complex.self),
            output.assumingMemoryBound(to: fftwf_complex.self),
            transform.isForward ? FFTW_FORWARD : FFTW_BACKWARD, flags)
    }

    public static func _execute(
        _ plan: OpaquePointer, _ input: UnsafeMutableRawPointer, _ output: UnsafeMutableRawPointer
    ) {
        fftwf_execute_dft(
            plan, input.assumingMemoryBound(to: fftwf_complex.self),
            output.assumingMemoryBound(to: fftwf_complex.self))
    }

    public static func _destroy(_ plan: OpaquePointer) { fftwf_destroy_plan(plan) }
    public static func _limitPlanning(seconds: Double) { fftwf_set_timelimit(seconds) }
    public static func _exportWisdom() -> String? { takeCString(fftwf_export_wisdom_to_string()) }
    public static func _importWisdom(_ text: String) -> Bool { fftwf_import_wisdom_from_string(text) != 0 }
    public static func _forgetWisdom() { fftwf_forget_wisdom() }
}

extension Double: ConvolutionScalar {
    public static var _loops: UnsafePointer<vl_spectral_loops> { vl_spectral_loops_double() }

    public static func _plan(
        _ transform: _FourierLayout, input: UnsafeMutableRawPointer, output: UnsafeMutableRawPointer,
        flags: UInt32
    ) -> OpaquePointer? {
        var axis = fftw_iodim64(n: transform.length, is: transform.stride, os: transform.stride)
        var many = fftw_iodim64(n: transform.count, is: transform.distance, os: transform.distance)
        return fftw_plan_guru64_dft(
            1, &axis, 1, &many, input.assumingMemoryBound(to: fftw_complex.self),
            output.assumingMemoryBound(to: fftw_complex.self),
            transform.isForward ? FFTW_FORWARD : FFTW_BACKWARD, flags)
    }

    public static func _execute(
        _ plan: OpaquePointer, _ input: UnsafeMutableRawPointer, _ output: UnsafeMutableRawPointer
    ) {
        fftw_execute_dft(
            plan, input.assumingMemoryBound(to: fftw_complex.self),
            output.assumingMemoryBound(to: fftw_complex.self))
    }

    public static func _destroy(_ plan: OpaquePointer) { fftw_destroy_plan(plan) }
    public static func _limitPlanning(seconds: Double) { fftw_set_timelimit(seconds) }
    public static func _exportWisdom() -> String? { takeCString(fftw_export_wisdom_to_string()) }
    public static func _importWisdom(_ text: String) -> Bool { fftw_import_wisdom_from_string(text) != 0 }
    public static func _forgetWisdom() { fftw_forget_wisdom() }
}

/// The text of a C string that the caller has to free.
private func takeCString(_ text: UnsafeMutablePointer<CChar>?) -> String? {
    guard let text else { return nil }
    defer { fftw_free(text) }
    return String(cString: text)
}
