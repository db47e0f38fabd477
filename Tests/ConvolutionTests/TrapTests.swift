import Testing

@testable import Convolution

/// Programming errors end the process, with a message that says what was expected and what was found.
@Suite struct TrapTests {
    /// Whether the process that ended said so, which it does in every configuration.
    private static func says(_ message: String, _ result: ExitTest.Result?) -> Bool {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).contains(message)
    }

    private static func row(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
        let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        row.initialize(repeating: 0)
        return row
    }

    private static func input(_ count: Int) -> UnsafeBufferPointer<Float> { UnsafeBufferPointer(row(count)) }

    private static func convolution() throws -> LongConvolution<Float> {
        try LongConvolution(length: 10, kernelLength: 4, boundary: .causal)
    }

    @Test func signalsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(59), kernel: Self.input(12), .shared(batch: 2, channels: 3), into: Self.row(60))
        }
        #expect(Self.says("the signal needs 6 rows of 10 = 60 scalars, got 59", result))
    }

    @Test func kernelsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(60), kernel: Self.input(13), .shared(batch: 2, channels: 3), into: Self.row(60))
        }
        #expect(Self.says("the kernel needs 3 rows of 4 = 12 scalars, got 13", result))
    }

    @Test func outputsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(60), kernel: Self.input(24), .perSample(batch: 2, channels: 3), into: Self.row(61))
        }
        #expect(Self.says("the output needs 6 rows of 10 = 60 scalars, got 61", result))
    }

    @Test func upstreamsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().gradients(
                Self.input(60), kernel: Self.input(12), .shared(batch: 2, channels: 3),
                upstream: Self.input(50), signalGradient: Self.row(60), kernelGradient: nil)
        }
        #expect(Self.says("the upstream cotangent needs 6 rows of 10 = 60 scalars, got 50", result))
    }

    @Test func gradientsOfTheWrongSize() async {
        let ofSignal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().gradients(
                Self.input(60), kernel: Self.input(12), .shared(batch: 2, channels: 3),
                upstream: Self.input(60), signalGradient: Self.row(10), kernelGradient: nil)
        }
        #expect(Self.says("the signal's gradient needs 6 rows of 10 = 60 scalars, got 10", ofSignal))
        let ofKernel = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().gradients(
                Self.input(60), kernel: Self.input(12), .shared(batch: 2, channels: 3),
                upstream: Self.input(60), signalGradient: nil, kernelGradient: Self.row(24))
        }
        #expect(Self.says("the kernel's gradient needs 3 rows of 4 = 12 scalars, got 24", ofKernel))
    }

    @Test func differentNumbersOfSignalsAndOutputs() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                [Self.input(10), Self.input(10)], kernel: Self.input(4), .shared(batch: 1, channels: 1),
                into: [Self.row(10)])
        }
        #expect(Self.says("2 signals need as many outputs, got 1", result))
    }

    @Test func factorsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().applyContextKernel(
                Self.input(12), factor: Self.input(12), to: [Self.input(60)], batch: 2, channels: 3,
                into: [Self.row(60)])
        }
        #expect(Self.says("the factor needs 6 rows of 4 = 24 scalars, got 12", result))
    }

    @Test func spectraOfAnotherConvolution() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let other = try LongConvolution<Float>(length: 10, kernelLength: 4, boundary: .full)
            try Self.convolution().apply(
                Self.input(10), spectrum: other.spectrum(of: Self.input(4)), .shared(batch: 1, channels: 1),
                into: Self.row(10))
        }
        #expect(Self.says("expected a spectrum of", result))
    }

    @Test func exactHeads() async {
        let tooLong = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try LongConvolution<Float>(
                length: 10, kernelLength: 4, boundary: .causal,
                exactHead: LongConvolution<Float>.longestExactHead + 1)
        }
        #expect(Self.says("an exact head has 0 to 256 outputs, got 257", tooLong))
        let notCausal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try LongConvolution<Float>(length: 10, kernelLength: 4, boundary: .full, exactHead: 1)
        }
        #expect(Self.says("an exact head is for causal convolution, got full convolution", notCausal))
    }

    @Test func settings() async {
        let threads = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Threads.count = 0
        }
        #expect(Self.says("the number of threads is at least 1, got 0", threads))
        let scope = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Threads.withCount(-1) {}
        }
        #expect(Self.says("the number of threads is at least 1, got -1", scope))
        let limit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Memory.poolLimit = -1
        }
        #expect(Self.says("a memory pool keeps at least 0 bytes, got a limit of -1", limit))
        let capacity = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            PlanCache.capacity = 0
        }
        #expect(Self.says("a plan cache holds at least 1 plan, got a capacity of 0", capacity))
    }
}
