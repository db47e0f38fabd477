import Testing

@testable import Convolution

/// How far a NaN or an infinity reaches within its row: as the documentation of ``LongConvolution`` says.
///
/// What is summed directly is spoiled where it meets the value; a transform mixes the whole row.
@Suite struct NonFiniteReachTests {
    private static let values: [Float] = [.nan, .infinity, -.infinity]

    private func spoiled(_ values: [Float]) -> [Int] { values.indices.filter { !values[$0].isFinite } }

    /// 24 taps are summed, 25 are transformed.
    @Test(arguments: [(24, true), (25, false)], values)
    func row(_ kernel: (length: Int, isDirect: Bool), value: Float) throws {
        let (length, place) = (1000, 500)
        let (taps, isDirect) = kernel
        let convolution = try LongConvolution<Float>(length: length, kernelLength: taps, boundary: .causal)
        let pairing = Pairing.shared(batch: 1, channels: 1)
        let ones = [Float](repeating: 1, count: length), kernel = [Float](repeating: 0.5, count: taps)
        var dirty = ones
        dirty[place] = value

        var output = [Float](repeating: 0, count: length)
        try convolution.apply(dirty, kernel: kernel, pairing, into: &output)
        #expect(spoiled(output) == (isDirect ? Array(place..<place + taps) : Array(0..<length)))

        // The upstream cotangent reaches back as far, and every tap of the kernel.
        let gradients = try convolution.gradients(ones, kernel: kernel, pairing, upstream: dirty)
        #expect(
            spoiled(gradients.signal) == (isDirect ? Array(place - taps + 1...place) : Array(0..<length)))
        #expect(spoiled(gradients.kernel) == Array(0..<taps))
        // So does the signal, in the gradient of the kernel alone.
        let others = try convolution.gradients(dirty, kernel: kernel, pairing, upstream: ones)
        #expect(spoiled(others.signal) == [])
        #expect(spoiled(others.kernel) == Array(0..<taps))

        // A tap meets every output, if only with the zeros beyond the row's ends.
        var dirtyKernel = kernel
        dirtyKernel[taps / 2] = value
        try convolution.apply(ones, kernel: dirtyKernel, pairing, into: &output)
        #expect(spoiled(output) == Array(0..<length))
    }

    /// 5x5 taps are summed, 2x13 are transformed.
    @Test(arguments: [(5, 5, true), (2, 13, false)], values)
    func plane(_ kernel: (height: Int, width: Int, isDirect: Bool), value: Float) throws {
        let (height, width) = (40, 50)
        let convolution = try LongConvolution<Float>(
            height: height, width: width, kernelHeight: kernel.height, kernelWidth: kernel.width,
            boundary: .centred)
        var signal = [Float](repeating: 1, count: height * width)
        signal[20 * width + 30] = value
        var output = [Float](repeating: 0, count: height * width)
        try convolution.apply(
            signal, kernel: [Float](repeating: 0.5, count: kernel.height * kernel.width),
            .shared(batch: 1, channels: 1), into: &output)
        let around = (18...22).flatMap { row in (28...32).map { row * width + $0 } }
        #expect(spoiled(output) == (kernel.isDirect ? around : Array(output.indices)))
    }

    /// The first outputs of a causal row that are summed know nothing of what comes later.
    @Test(arguments: values) func exactHead(value: Float) throws {
        let head = 8
        let convolution = try LongConvolution<Float>(
            length: 1000, kernelLength: 1000, boundary: .causal, exactHead: head)
        var signal = [Float](repeating: 1, count: 1000)
        signal[3] = value
        var output = [Float](repeating: 0, count: 1000)
        try convolution.apply(
            signal, kernel: [Float](repeating: 0.5, count: 1000), .shared(batch: 1, channels: 1),
            into: &output)
        #expect(spoiled(output) == Array(3..<1000))
    }
}
