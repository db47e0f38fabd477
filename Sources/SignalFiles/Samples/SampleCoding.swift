import CVectorLoops
import Convolution

extension SampleFormat {
    /// Writes samples that stand `step` bytes apart. Integers are the nearest ones, of two the even one, and clipped at the
    /// ends of their range.
    ///
    /// - Parameter set: An instruction set of this processor.
    func encode<Scalar: ConvolutionScalar>(
        _ samples: UnsafePointer<Scalar>, count: Int, into bytes: UnsafeMutableRawPointer, step: Int,
        by set: vl_instruction_set = vl_best_instruction_set()
    ) -> SampleLevels {
        let loops = Scalar.sampleLoops(set)
        let encode =
            switch self {
            case .int16: loops.pointee.encode_int16
            case .int24: loops.pointee.encode_int24
            case .int32: loops.pointee.encode_int32
            case .float32: loops.pointee.encode_float32
            case .float64: loops.pointee.encode_float64
            }
        return SampleLevels(encode(samples, count, bytes, step))
    }

    /// Reads samples that stand `step` bytes apart.
    ///
    /// - Parameter set: An instruction set of this processor.
    /// - Returns: Whether all of them are finite.
    func decode<Scalar: ConvolutionScalar>(
        _ bytes: UnsafeRawPointer, step: Int, count: Int, into samples: UnsafeMutablePointer<Scalar>,
        by set: vl_instruction_set = vl_best_instruction_set()
    ) -> Bool {
        let loops = Scalar.sampleLoops(set)
        let decode =
            switch self {
            case .int16: loops.pointee.decode_int16
            case .int24: loops.pointee.decode_int24
            case .int32: loops.pointee.decode_int32
            case .float32: loops.pointee.decode_float32
            case .float64: loops.pointee.decode_float64
            }
        return decode(bytes, step, samples, count) != 0
    }
}

extension ConvolutionScalar {
    fileprivate static func sampleLoops(_ set: vl_instruction_set) -> UnsafePointer<vl_sample_loops> {
        self == Float.self ? vl_sample_loops_float(set) : vl_sample_loops_double(set)
    }
}
