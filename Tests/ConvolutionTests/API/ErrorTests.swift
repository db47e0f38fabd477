import Testing

@testable import Convolution

/// What cannot be done is refused with an error that says why, before anything is allocated.
@Suite struct ErrorTests {
    @Test func descriptions() {
        let expected: [(ConvolutionError, String)] = [
            (
                .invalidExtent(signal: 4, kernel: 9, boundary: .valid, rule: "the kernel is too long"),
                "a valid convolution of a signal of extent 4 with a kernel of extent 9 does not exist: "
                    + "the kernel is too long"
            ),
            (
                .sizeOverflow(extents: [7, 8]),
                "the extents [7, 8] are too large: sizes computed from them overflow"
            ),
            (
                .insufficientMemory(required: 300, available: 200),
                "300 bytes of workspace are needed, this machine has 200"
            ),
            (.planningFailed(length: 12), "FFTW could not plan a transform of length 12"),
            (.wisdom(path: "/a/b", reason: "it is damaged"), "the wisdom file /a/b: it is damaged"),
        ]
        for (error, description) in expected {
            #expect(error.description == description)
        }
    }

    @Test func extentsThatBreakARule() {
        for (length, kernelLength) in [(0, 3), (3, 0), (-1, 3), (3, -1)] {
            for boundary in Boundary.allCases {
                #expect(
                    throws: ConvolutionError.invalidExtent(
                        signal: length, kernel: kernelLength, boundary: boundary, rule: "both are at least 1")
                ) {
                    try LongConvolution<Float>(
                        length: length, kernelLength: kernelLength, boundary: boundary)
                }
            }
        }
        for boundary in [Boundary.circular, .valid] {
            let error = ConvolutionError.invalidExtent(
                signal: 5, kernel: 6, boundary: boundary, rule: "the kernel is no longer than the signal")
            #expect(throws: error) {
                try LongConvolution<Double>(length: 5, kernelLength: 6, boundary: boundary)
            }
            #expect(throws: error) {
                try LongConvolution<Double>(
                    height: 9, width: 5, kernelHeight: 2, kernelWidth: 6, boundary: boundary)
            }
            #expect(throws: error) {
                try LongConvolution<Double>(
                    height: 5, width: 9, kernelHeight: 6, kernelWidth: 2, boundary: boundary)
            }
        }
        #expect(
            throws: ConvolutionError.invalidExtent(
                signal: 9, kernel: 3, boundary: .causal, rule: "it is for one dimension")
        ) {
            try LongConvolution<Float>(
                height: 8, width: 9, kernelHeight: 2, kernelWidth: 3, boundary: .causal)
        }
    }

    private func isSizeOverflow(_ error: (any Error)?) -> Bool {
        if case .sizeOverflow = error as? ConvolutionError { true } else { false }
    }

    private func isInsufficientMemory(_ error: (any Error)?) -> Bool {
        if case .insufficientMemory(let required, let available) = error as? ConvolutionError {
            required > available && available > 0
        } else {
            false
        }
    }

    /// Kernels short and long: sums and transforms.
    @Test(arguments: [1, 3, 1 << 20, 1 << 58])
    func sizesThatOverflow(kernelLength: Int) {
        for boundary in Boundary.allCases where boundary != .circular && boundary != .valid {
            #expect(
                performing: {
                    try LongConvolution<Float>(
                        length: 1 << 58, kernelLength: kernelLength, boundary: boundary)
                }, throws: isSizeOverflow)
        }
        #expect(
            performing: {
                try LongConvolution<Float>(length: .max, kernelLength: kernelLength, boundary: .centred)
            }, throws: isSizeOverflow)
        #expect(
            performing: {
                try LongConvolution<Float>(
                    height: 1 << 40, width: 1 << 40, kernelHeight: min(kernelLength, 1 << 40), kernelWidth: 3,
                    boundary: .circular)
            }, throws: isSizeOverflow)
    }

    /// Sizes that can be computed, but not allocated. Looking for a length to transform must not take forever.
    @Test(.timeLimit(.minutes(1)), arguments: [1, 3, 1 << 20, 1 << 45])
    func moreMemoryThanThereIs(kernelLength: Int) {
        for boundary in Boundary.allCases {
            #expect(
                "\(boundary)",
                performing: {
                    try LongConvolution<Float>(
                        length: 1 << 45, kernelLength: kernelLength, boundary: boundary)
                }, throws: isInsufficientMemory)
        }
        for (height, width) in [((1 << 45) + 1, 1), (1, (1 << 45) + 1), ((1 << 22) + 1, (1 << 22) + 1)] {
            for boundary in [Boundary.centred, .circular, .full, .valid] {
                #expect(
                    "\(height) by \(width) \(boundary)",
                    performing: {
                        try LongConvolution<Double>(
                            height: height, width: width, kernelHeight: min(height, kernelLength),
                            kernelWidth: min(width, kernelLength), boundary: boundary)
                    }, throws: isInsufficientMemory)
            }
        }
    }

    /// The workspace that a call needs is checked before a row is touched: these buffers are not really there.
    @Test func callsThatNeedMoreMemoryThanThereIs() throws {
        let convolution = try LongConvolution<Double>(length: 64, kernelLength: 64, boundary: .causal)
        let batch = 1 << 40
        let somewhere = UnsafeMutablePointer<Double>(bitPattern: 4096)!
        let rows = UnsafeMutableBufferPointer(start: somewhere, count: 64 * batch)
        let one = UnsafeMutableBufferPointer(start: somewhere, count: 64)
        let pairing = Pairing.dense(batch: batch, inputs: 1, outputs: 1)
        #expect(
            performing: {
                try convolution.apply(
                    UnsafeBufferPointer(rows), kernel: UnsafeBufferPointer(one), pairing, into: rows)
            }, throws: isInsufficientMemory)
        #expect(
            performing: {
                try convolution.gradients(
                    UnsafeBufferPointer(rows), kernel: UnsafeBufferPointer(one), pairing,
                    upstream: UnsafeBufferPointer(rows), signalGradient: rows, kernelGradient: nil)
            }, throws: isInsufficientMemory)
        #expect(
            performing: {
                try convolution.spectrum(of: UnsafeBufferPointer(rows))
            }, throws: isInsufficientMemory)
    }

    /// The search for a length ends soon, for lengths of any size, and finds the cheapest.
    @Test(.timeLimit(.minutes(1)))
    func lengthsOfTransforms() {
        #expect(FourierLength.best(atLeast: 1 << 40) == 1 << 40)
        #expect(FourierLength.best(atLeast: (1 << 30) - 1) == 1 << 30)
        for length in 1...2000 {
            let best = FourierLength.best(atLeast: length)
            var rest = best
            for factor in [2, 3, 5, 7] { while rest.isMultiple(of: factor) { rest /= factor } }
            // A power of two lies below twice the length.
            #expect(best >= length && best < 2 * length + 1 && rest == 1, "length \(length)")
        }
    }
}
