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
        let fromKernel = try convolution.gradients(ones, kernel: dirtyKernel, pairing, upstream: ones)
        #expect(spoiled(fromKernel.signal) == Array(0..<length))
        #expect(spoiled(fromKernel.kernel) == [])
    }

    /// 5x5 taps are summed, 2x13 are transformed.
    @Test(arguments: [(5, 5, true), (2, 13, false)], values)
    func plane(_ taps: (height: Int, width: Int, isDirect: Bool), value: Float) throws {
        let (height, width) = (40, 50)
        let convolution = try LongConvolution<Float>(
            height: height, width: width, kernelHeight: taps.height, kernelWidth: taps.width,
            boundary: .centred)
        let pairing = Pairing.shared(batch: 1, channels: 1)
        let ones = [Float](repeating: 1, count: height * width)
        let kernel = [Float](repeating: 0.5, count: taps.height * taps.width)
        var dirty = ones
        dirty[20 * width + 30] = value
        let everywhere = Array(ones.indices), everyTap = Array(kernel.indices)
        let around = (18...22).flatMap { row in (28...32).map { row * width + $0 } }

        var output = [Float](repeating: 0, count: ones.count)
        try convolution.apply(dirty, kernel: kernel, pairing, into: &output)
        #expect(spoiled(output) == (taps.isDirect ? around : everywhere))

        let fromUpstream = try convolution.gradients(ones, kernel: kernel, pairing, upstream: dirty)
        #expect(spoiled(fromUpstream.signal) == (taps.isDirect ? around : everywhere))
        #expect(spoiled(fromUpstream.kernel) == everyTap)
        let fromSignal = try convolution.gradients(dirty, kernel: kernel, pairing, upstream: ones)
        #expect(spoiled(fromSignal.signal) == [])
        #expect(spoiled(fromSignal.kernel) == everyTap)

        var dirtyKernel = kernel
        dirtyKernel[taps.width + 1] = value
        try convolution.apply(ones, kernel: dirtyKernel, pairing, into: &output)
        #expect(spoiled(output) == everywhere)
        let fromKernel = try convolution.gradients(ones, kernel: dirtyKernel, pairing, upstream: ones)
        #expect(spoiled(fromKernel.signal) == everywhere)
        #expect(spoiled(fromKernel.kernel) == [])
    }

    /// The first outputs of a causal row that are summed know nothing of what comes later: of what lies within the head
    /// those from it on are spoiled, of what lies behind it none. Gradients have no head.
    @Test(arguments: [24, 1000], values) func exactHead(taps: Int, value: Float) throws {
        let (length, head) = (1000, 8)
        let convolution = try LongConvolution<Float>(
            length: length, kernelLength: taps, boundary: .causal, exactHead: head)
        let pairing = Pairing.shared(batch: 1, channels: 1)
        let ones = [Float](repeating: 1, count: length), kernel = [Float](repeating: 0.5, count: taps)
        let isDirect = taps == 24
        for place in [0, 3, head - 1, head, 20] {
            var dirty = ones
            dirty[place] = value
            var output = [Float](repeating: 0, count: length)
            try convolution.apply(dirty, kernel: kernel, pairing, into: &output)
            let behind = isDirect ? Array(max(place, head)..<place + taps) : Array(head..<length)
            #expect(spoiled(output) == Array(min(place, head)..<head) + behind, "signal \(place)")

            var dirtyKernel = kernel
            dirtyKernel[place] = value
            try convolution.apply(ones, kernel: dirtyKernel, pairing, into: &output)
            #expect(spoiled(output) == Array(min(place, head)..<length), "tap \(place)")

            let fromUpstream = try convolution.gradients(ones, kernel: kernel, pairing, upstream: dirty)
            let before = isDirect ? Array(max(0, place - taps + 1)...place) : Array(0..<length)
            #expect(spoiled(fromUpstream.signal) == before, "upstream \(place)")
            // Each tap meets the value, if only with the zeros before the row.
            #expect(spoiled(fromUpstream.kernel) == Array(0..<taps), "upstream \(place)")
            let fromSignal = try convolution.gradients(dirty, kernel: kernel, pairing, upstream: ones)
            #expect(spoiled(fromSignal.signal) == [] && spoiled(fromSignal.kernel) == Array(0..<taps))
            let fromKernel = try convolution.gradients(ones, kernel: dirtyKernel, pairing, upstream: ones)
            #expect(spoiled(fromKernel.signal) == Array(0..<length) && spoiled(fromKernel.kernel) == [])
        }
    }
}
