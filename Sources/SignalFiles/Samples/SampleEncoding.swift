import Convolution

/// What writing samples found.
public struct SampleLevels: Sendable, Equatable {
    /// The largest magnitude; integers reach from -1 to nearly 1.
    public fileprivate(set) var peak = 0.0
    /// The samples that integers do not reach, and were written as the nearest one that they do.
    public fileprivate(set) var clippedCount = 0
    /// Whether every sample is a finite number in the format that is written.
    fileprivate(set) var areFinite = true

    mutating func add(_ other: SampleLevels) {
        peak = max(peak, other.peak)
        clippedCount += other.clippedCount
        areFinite = areFinite && other.areFinite
    }
}

extension SampleFormat {
    /// Writes samples that stand `step` bytes apart. Integers are the nearest ones, of two the even one, and clipped at the
    /// ends of their range.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func encode<Scalar: SampleScalar>(
        _ samples: UnsafePointer<Scalar>, count: Int, into bytes: UnsafeMutableRawPointer, step: Int
    ) -> SampleLevels {
        switch self {
        case .int16:
            encodeIntegers(samples, count) { t, value in
                (bytes + t * step).storeBytes(
                    of: Int16(truncatingIfNeeded: value).littleEndian, as: Int16.self)
            }
        case .int24:
            encodeIntegers(samples, count) { t, value in
                let sample = bytes + t * step
                sample.storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, as: UInt16.self)
                (sample + 2).storeBytes(of: UInt8(truncatingIfNeeded: value >> 16), as: UInt8.self)
            }
        case .int32:
            encodeIntegers(samples, count) { t, value in
                (bytes + t * step).storeBytes(of: value.littleEndian, as: Int32.self)
            }
        case .float32:
            encodeFloats(samples, count) { t, value in
                let value = Float(value)
                (bytes + t * step).storeBytes(of: value.bitPattern.littleEndian, as: UInt32.self)
                return Double(value)
            }
        case .float64:
            encodeFloats(samples, count) { t, value in
                (bytes + t * step).storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
                return value
            }
        }
    }

    @inline(__always)
    private func encodeIntegers<Scalar: SampleScalar>(
        _ samples: UnsafePointer<Scalar>, _ count: Int, _ store: (Int, Int32) -> Void
    ) -> SampleLevels {
        // 1.5 · 2^52 + v has v, rounded to an integer, in its lower bits.
        let shift = 0x1.8p52
        let (scale, low, high) = (scale, -scale, scale - 1)
        var (peak, clipped, sum) = (0.0, 0, 0.0)
        for t in 0..<count {
            let sample = samples[t].doubleValue
            peak = abs(sample) > peak ? abs(sample) : peak
            sum += sample * 0
            // What is out of range by more than 1 is so after rounding.
            let scaled = sample * scale
            let near = scaled > low - 1 ? (scaled < high + 1 ? scaled : high + 1) : low - 1
            let rounded = (near + shift) - shift
            let value = rounded > low ? (rounded < high ? rounded : high) : low
            clipped += value == rounded ? 0 : 1
            store(t, Int32(truncatingIfNeeded: (value + shift).bitPattern))
        }
        return SampleLevels(peak: peak, clippedCount: clipped, areFinite: sum == 0)
    }

    @inline(__always)
    private func encodeFloats<Scalar: SampleScalar>(
        _ samples: UnsafePointer<Scalar>, _ count: Int, _ store: (Int, Double) -> Double
    ) -> SampleLevels {
        var (peak, sum) = (0.0, 0.0)
        for t in 0..<count {
            let value = store(t, samples[t].doubleValue)
            peak = abs(value) > peak ? abs(value) : peak
            sum += value * 0
        }
        return SampleLevels(peak: peak, clippedCount: 0, areFinite: sum == 0)
    }
}
