import CLongConvolution
import Convolution
import TestSupport
import Testing

@testable import LongConvolutionC

/// Held kernel spectra.
@Suite struct SpectrumTests {
    private func spectrum(_ call: Call<some ConvolutionScalar>) throws -> OpaquePointer {
        var kernels = call.operands([.kernel, .reverseKernel])
        var handle: OpaquePointer?
        try succeed(longconv_spectrum_create(call.plan.handle, &kernels, &handle), "\(call.shape)")
        return handle!
    }

    private func apply(_ call: Call<some ConvolutionScalar>, _ spectrum: OpaquePointer) -> longconv_status {
        var operands = call.operands(
            call.shape.inputs.filter { $0 != .kernel && $0 != .reverseKernel } + [.output])
        return longconv_apply_spectrum(call.plan.handle, spectrum, &operands)
    }

    /// The same bits as with kernels, whatever the layouts.
    @Test func bits() throws {
        var generator = SplitMix64.announced(seed: 0x5E)
        for number in 0..<120 {
            var shape = Case(isPerSample: number % 2 == 0, batch: 3, channels: 5)
            shape.boundary = ValueTests.boundaries[number % 5]
            shape.signal = number % 3 == 0 && shape.boundary != LONGCONV_CAUSAL ? [7, 8] : [60]
            shape.kernel = shape.signal.map { Int.random(in: 1...$0, using: &generator) }
            if shape.boundary == LONGCONV_CAUSAL, number % 4 == 0 {
                (shape.flags, shape.lag) = (LONGCONV_IS_BIDIRECTIONAL.rawValue, number / 20 % 2)
            }
            if number % 7 < 4 {
                shape.flags |= UInt32.random(in: 1...(number % 5 < 3 ? 7 : 3), using: &generator)
            }
            for operand in Operand.described
            where Bool.random(using: &generator) {
                shape.strides[operand.rawValue] = randomStrides(
                    shape.counts(operand), repeats: false, using: &generator)
            }
            let call = try Call<Float>(
                {
                    shape.isSinglePrecision = true; return shape
                }(), using: &generator)
            try call.apply()
            let expected = call.memory[.output]!.scalars
            call.memory[.output]!.write(expected.map { _ in .nan })
            let spectrum = try spectrum(call)
            defer { longconv_spectrum_destroy(spectrum) }
            #expect(apply(call, spectrum) == LONGCONV_OK)
            #expect(call.memory[.output]!.scalars == expected, "\(shape)")
        }
    }

    /// Another batch takes the spectra of the same kernels; other shapes, counts and precisions are refused.
    @Test func fits() throws {
        var generator = SplitMix64.announced(seed: 0x5F)
        let call = try Call<Double>(Case(signal: [40], kernel: [30]), using: &generator)
        let spectrum = try spectrum(call)
        var byteCount: Int64 = 0
        #expect(longconv_spectrum_byte_count(spectrum, &byteCount) == LONGCONV_OK)
        // At least the 3 kernels' 69 points of a full convolution, as half as many complex numbers.
        #expect(byteCount >= 3 * 69 * 8)
        let other = try Call<Double>(Case(batch: 7, signal: [40], kernel: [30]), using: &generator)
        #expect(apply(other, spectrum) == LONGCONV_OK)
        for (shape, isSingle) in [
            (Case(signal: [41], kernel: [30]), false), (Case(signal: [40], kernel: [31]), false),
            (Case(boundary: LONGCONV_CENTRED, signal: [40], kernel: [30]), false),
            (Case(orientation: LONGCONV_CORRELATION, signal: [40], kernel: [30]), false),
            (Case(isPerSample: true, signal: [40], kernel: [30]), false),
            (Case(channels: 4, signal: [40], kernel: [30]), false),
            (Case(isSinglePrecision: true, signal: [40], kernel: [30]), true),
        ] {
            let status =
                isSingle
                ? try apply(Call<Float>(shape, using: &generator), spectrum)
                : try apply(Call<Double>(shape, using: &generator), spectrum)
            #expect(status == LONGCONV_INVALID_ARGUMENT, "\(shape)")
        }
        #expect(longconv_spectrum_destroy(spectrum) == LONGCONV_OK)
        #expect(longconv_spectrum_destroy(spectrum) == LONGCONV_INVALID_HANDLE)
        #expect(apply(call, spectrum) == LONGCONV_INVALID_HANDLE)
    }
}
