import CVectorLoops
import Convolution
import TestSupport
import Testing

@testable import SignalFiles

/// Samples beside the plain formula of each, for every instruction set of this processor: formats, steps and both
/// precisions, lengths around those of vectors and blocks.
@Suite struct SampleCodingTests {
    static let instructionSets = [vl_baseline, vl_avx2, vl_avx512].map(\.rawValue).filter {
        $0 <= vl_best_instruction_set().rawValue
    }
    static let lengths = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 255, 256, 257, 1000]

    @Test(arguments: SampleFormat.allCases, instructionSets) func encodes(
        _ format: SampleFormat, set: UInt32
    ) {
        let set = vl_instruction_set(set)
        checkEncoding(of: numbers(format), format, set)
        checkEncoding(of: numbers(format).map { Float($0) }.filter(\.isFinite), format, set)
    }

    /// What is not finite, at each place of a vector and behind the last one.
    @Test(arguments: SampleFormat.allCases, instructionSets) func encodesWhatIsNotFinite(
        _ format: SampleFormat, set: UInt32
    ) {
        let set = vl_instruction_set(set)
        for place in 0..<35 {
            for value in [Double.nan, -.nan, .infinity, -.infinity, 1e300, -.greatestFiniteMagnitude] {
                var samples = (0..<35).map { Double($0) / 40 - 0.4 }
                samples[place] = value
                Encoding(of: samples, format, step: format.byteCount).check(set)
                Encoding(of: samples.map { Float($0) }, format, step: 2 * format.byteCount).check(set)
            }
        }
    }

    @Test(arguments: SampleFormat.allCases, instructionSets) func decodes(_ format: SampleFormat, set: UInt32)
    {
        var generator = seededNumbers()
        let size = format.byteCount
        for count in Self.lengths {
            for step in [size, 2 * size, 3 * size, size + 1, 6 * size + 1] {
                let length = count == 0 ? 0 : (count - 1) * step + size
                // Of floats, some are not finite.
                let bytes = (0..<length).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
                checkDecoding(Double.self, bytes, format, step, count, vl_instruction_set(set))
                checkDecoding(Float.self, bytes, format, step, count, vl_instruction_set(set))
                guard !format.isInteger else { continue }
                // None is: exponents of all ones become smaller.
                var finite = bytes
                for last in stride(from: size - 1, to: length, by: step) { finite[last] &= 0x9F }
                checkDecoding(Double.self, finite, format, step, count, vl_instruction_set(set))
                checkDecoding(Float.self, finite, format, step, count, vl_instruction_set(set))
            }
        }
    }

    /// Numbers at random; those halfway between integers, at the ends of the range and beside; large and small ones.
    private func numbers(_ format: SampleFormat) -> [Double] {
        var generator = seededNumbers()
        var values: [Double] = [
            0, -0.0, .leastNonzeroMagnitude, 1e-40, 1, -1, 2, 1e30, -1e30, 3e38, 1e300, -1e300,
        ]
        let scale = halfRange(format)
        for end in [-scale, scale, scale - 1, 0, 1, 2, scale / 2, 0x1p22, 0x1p23, -0x1p23] {
            for offset in [-1.5, -1, -0.5, 0, 0.5, 1, 1.5] {
                let value = (end + offset) / scale
                values += [value, value.nextUp, value.nextDown]
                let float = Float(value)
                values += [float.nextUp, float.nextDown].map(Double.init)
            }
        }
        values += (0..<2000).map { _ in .random(in: -1.2...1.2, using: &generator) }
        // Ties.
        values += (0..<2000).map { _ in
            (Double(Int.random(in: -40_000...40_000, using: &generator)) + 0.5) / scale
        }
        return values.shuffled(using: &generator)
    }

    /// All samples at once, and some of each length.
    private func checkEncoding<Scalar: ConvolutionScalar>(
        of samples: [Scalar], _ format: SampleFormat, _ set: vl_instruction_set
    ) {
        let size = format.byteCount
        for step in [size, 2 * size, 3 * size, size + 1, 6 * size + 1] {
            Encoding(of: samples, format, step: step).check(set)
            for count in Self.lengths {
                Encoding(of: Array(samples[count..<2 * count]), format, step: step).check(set)
            }
        }
    }

    private func checkDecoding<Scalar: ConvolutionScalar>(
        _: Scalar.Type, _ bytes: [UInt8], _ format: SampleFormat, _ step: Int, _ count: Int,
        _ set: vl_instruction_set
    ) {
        let expected = (0..<count).map { index in
            decoded(bytes[index * step..<index * step + format.byteCount], format) as Scalar
        }
        var samples = [Scalar](repeating: 7, count: count + 1)
        // No byte before or behind may be read, and none is aligned.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        let start = memory.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 8)!
        let areFinite = format.decode(start, step: step, count: count, into: &samples, by: set)
        let label = "\(format), \(Scalar.self), \(count) samples \(step) bytes apart, set \(set.rawValue)"
        #expect(areFinite == expected.allSatisfy(\.isFinite), "\(label)")
        #expect(samples.popLast() == 7, "\(label)")
        #expect(
            zip(samples, expected).allSatisfy {
                $0 == $1 && $0.sign == $1.sign || $0.isNaN && $1.isNaN
            },
            "\(label)")
    }
}

/// Half of the range of a format's integers, the number by which they are divided; 1 for floats.
private func halfRange(_ format: SampleFormat) -> Double {
    switch format {
    case .int16: 0x1p15
    case .int24: 0x1p23
    case .int32: 0x1p31
    case .float32, .float64: 1
    }
}

/// A sample of its bytes.
private func decoded<Scalar: ConvolutionScalar>(_ bytes: ArraySlice<UInt8>, _ format: SampleFormat) -> Scalar
{
    let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch format {
    case .float32: return Scalar(Float(bitPattern: UInt32(bits)))
    case .float64: return Scalar(Double(bitPattern: bits))
    case .int16, .int24, .int32:
        // The sign is moved to the top and back.
        let unused = 64 - 8 * format.byteCount
        return Scalar(Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused)) / Scalar(halfRange(format))
    }
}

/// Samples and what is to become of them.
private struct Encoding<Scalar: ConvolutionScalar> {
    let samples: [Scalar]
    let format: SampleFormat
    let step: Int
    /// What stands between samples stays as it is.
    let bytes: [UInt8]
    var peak = 0.0
    var clippedCount = 0
    var areFinite = true

    init(of samples: [Scalar], _ format: SampleFormat, step: Int) {
        (self.samples, self.format, self.step) = (samples, format, step)
        var bytes = [UInt8](
            repeating: 0xA5, count: samples.isEmpty ? 0 : (samples.count - 1) * step + format.byteCount)
        for (index, sample) in samples.enumerated() {
            var value = Double(sample)
            var bits: UInt64
            switch format {
            case .float32:
                value = Double(Float(sample))
                bits = UInt64(Float(sample).bitPattern)
            case .float64: bits = value.bitPattern
            case .int16, .int24, .int32:
                let half = halfRange(format)
                let rounded = (value * half).rounded(.toNearestOrEven)
                let clipped = value.isNaN ? -half : min(max(rounded, -half), half - 1)
                if clipped != rounded { clippedCount += 1 }
                bits = UInt64(bitPattern: Int64(clipped))
            }
            if abs(value) > peak { peak = abs(value) }
            if !value.isFinite { areFinite = false }
            for place in 0..<format.byteCount {
                bytes[index * step + place] = UInt8(truncatingIfNeeded: bits)
                bits >>= 8
            }
        }
        self.bytes = bytes
    }

    func check(_ set: vl_instruction_set) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
        let start = memory.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 8)!
        let levels = format.encode(samples, count: samples.count, into: start, step: step, by: set)
        let label =
            "\(format), \(Scalar.self), \(samples.count) samples \(step) bytes apart, set \(set.rawValue)"
        #expect(Array(memory) == bytes, "\(label)")
        #expect(
            levels.peak == peak && levels.clippedCount == clippedCount && levels.areFinite == areFinite,
            "\(label): \(levels)")
    }
}
