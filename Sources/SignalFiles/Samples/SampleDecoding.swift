import Convolution

extension SampleFormat {
    /// Reads samples that stand `step` bytes apart.
    ///
    /// - Returns: Whether all of them are finite.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func decode<Scalar: SampleScalar>(
        _ bytes: UnsafeRawPointer, step: Int, count: Int, into samples: UnsafeMutablePointer<Scalar>
    ) -> Bool {
        switch self {
        case .int16:
            for t in 0..<count {
                let value = Int16(littleEndian: (bytes + t * step).loadUnaligned(as: Int16.self))
                samples[t] = Scalar(Int32(value)) * 0x1p-15
            }
        case .int24:
            for t in 0..<count {
                let sample = bytes + t * step
                let low = UInt16(littleEndian: sample.loadUnaligned(as: UInt16.self))
                let high = (sample + 2).load(as: Int8.self)
                samples[t] = Scalar(Int32(high) << 16 | Int32(low)) * 0x1p-23
            }
        case .int32:
            for t in 0..<count {
                let value = Int32(littleEndian: (bytes + t * step).loadUnaligned(as: Int32.self))
                samples[t] = Scalar(value) * 0x1p-31
            }
        case .float32:
            return decodeFloats(bytes, step: step, count: count, into: samples) { sample in
                Scalar(Float(bitPattern: UInt32(littleEndian: sample.loadUnaligned(as: UInt32.self))))
            }
        case .float64:
            return decodeFloats(bytes, step: step, count: count, into: samples) { sample in
                Scalar(Double(bitPattern: UInt64(littleEndian: sample.loadUnaligned(as: UInt64.self))))
            }
        }
        return true
    }

    @inline(__always)
    private func decodeFloats<Scalar: SampleScalar>(
        _ bytes: UnsafeRawPointer, step: Int, count: Int, into samples: UnsafeMutablePointer<Scalar>,
        _ sample: (UnsafeRawPointer) -> Scalar
    ) -> Bool {
        // The product with 0 of what is not finite is NaN, and so is a sum with it.
        var sum: Scalar = 0
        for t in 0..<count {
            samples[t] = sample(bytes + t * step)
            sum += samples[t] * 0
        }
        return sum == 0
    }
}
