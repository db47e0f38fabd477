import TestSupport
import Testing

@testable import Convolution

/// Programming errors end the process, with a message that says what was expected and what was found.
@Suite struct TrapTests {
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
        #expect(says("the signal needs 6 rows of 10 = 60 scalars, got 59", result?.standardErrorContent))
    }

    @Test func kernelsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(60), kernel: Self.input(13), .shared(batch: 2, channels: 3), into: Self.row(60))
        }
        #expect(says("the kernel needs 3 rows of 4 = 12 scalars, got 13", result?.standardErrorContent))
    }

    @Test func outputsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(60), kernel: Self.input(24), .perSample(batch: 2, channels: 3), into: Self.row(61))
        }
        #expect(says("the output needs 6 rows of 10 = 60 scalars, got 61", result?.standardErrorContent))
    }

    @Test func upstreamsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().gradients(
                Self.input(60), kernel: Self.input(12), .shared(batch: 2, channels: 3),
                upstream: Self.input(50), signalGradient: Self.row(60), kernelGradient: nil)
        }
        #expect(
            says(
                "the upstream cotangent needs 6 rows of 10 = 60 scalars, got 50", result?.standardErrorContent
            ))
    }

    @Test func gradientsOfTheWrongSize() async {
        let ofSignal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().gradients(
                Self.input(60), kernel: Self.input(12), .shared(batch: 2, channels: 3),
                upstream: Self.input(60), signalGradient: Self.row(10), kernelGradient: nil)
        }
        #expect(
            says(
                "the signal's gradient needs 6 rows of 10 = 60 scalars, got 10",
                ofSignal?.standardErrorContent))
        let ofKernel = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().gradients(
                Self.input(60), kernel: Self.input(12), .shared(batch: 2, channels: 3),
                upstream: Self.input(60), signalGradient: nil, kernelGradient: Self.row(24))
        }
        #expect(
            says(
                "the kernel's gradient needs 3 rows of 4 = 12 scalars, got 24", ofKernel?.standardErrorContent
            ))
    }

    @Test func differentNumbersOfSignalsAndOutputs() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                [Self.input(10), Self.input(10)], kernel: Self.input(4), .shared(batch: 1, channels: 1),
                into: [Self.row(10)])
        }
        #expect(says("2 signals need as many outputs, got 1", result?.standardErrorContent))
    }

    @Test func factorsOfTheWrongSize() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().applyContextKernel(
                Self.input(12), factor: Self.input(12), to: [Self.input(60)], batch: 2, channels: 3,
                into: [Self.row(60)])
        }
        #expect(says("the factor needs 6 rows of 4 = 24 scalars, got 12", result?.standardErrorContent))
    }

    @Test func spectraOfAnotherConvolution() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let other = try LongConvolution<Float>(length: 10, kernelLength: 4, boundary: .full)
            try Self.convolution().apply(
                Self.input(10), spectrum: other.spectrum(of: Self.input(4)), .shared(batch: 1, channels: 1),
                into: Self.row(10))
        }
        #expect(says("expected a spectrum of", result?.standardErrorContent))
    }

    @Test func exactHeads() async {
        let tooLong = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try LongConvolution<Float>(
                length: 10, kernelLength: 4, boundary: .causal,
                exactHead: LongConvolution<Float>.longestExactHead + 1)
        }
        #expect(says("an exact head has 0 to 256 outputs, got 257", tooLong?.standardErrorContent))
        let notCausal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try LongConvolution<Float>(length: 10, kernelLength: 4, boundary: .full, exactHead: 1)
        }
        #expect(
            says(
                "an exact head is for causal convolution, got full convolution",
                notCausal?.standardErrorContent))
    }

    @Test func settings() async {
        let threads = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Threads.count = 0
        }
        #expect(says("the number of threads is 1 to 4096, got 0", threads?.standardErrorContent))
        let tooMany = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Threads.count = .max
        }
        #expect(says("the number of threads is 1 to 4096, got \(Int.max)", tooMany?.standardErrorContent))
        let scope = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Threads.withCount(-1) {}
        }
        #expect(says("the number of threads is 1 to 4096, got -1", scope?.standardErrorContent))
        let limit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Memory.poolLimit = -1
        }
        #expect(says("a memory pool keeps at least 0 bytes, got a limit of -1", limit?.standardErrorContent))
        let capacity = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            PlanCache.capacity = 0
        }
        #expect(
            says("a plan cache holds at least 1 plan, got a capacity of 0", capacity?.standardErrorContent))
    }

    @Test func pairingsWithoutNumber() async {
        let tooMany = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(10), kernel: Self.input(4), .shared(batch: 1 << 40, channels: 1 << 40),
                into: Self.row(10))
        }
        #expect(
            says(
                "expected a pairing of at most 144115188075855871 rows, got shared(batch: 1099511627776, channels: 1099511627776)",
                tooMany?.standardErrorContent))
        // As many rows as two lots of minus one.
        let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(10), kernel: Self.input(4), .perSample(batch: -1, channels: -1), into: Self.row(10)
            )
        }
        #expect(says("expected a pairing of numbers of at least 0", negative?.standardErrorContent))
        let spectra = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let convolution = try Self.convolution()
            try convolution.apply(
                Self.input(10), spectrum: convolution.spectrum(of: Self.input(4)),
                .shared(batch: 1 << 62, channels: 4), into: Self.row(10))
        }
        #expect(says("expected a pairing of at most", spectra?.standardErrorContent))
        let context = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().applyContextKernel(
                Self.input(4), factor: Self.input(4), to: [Self.input(10)], batch: 1 << 40, channels: 1 << 40,
                into: [Self.row(10)])
        }
        #expect(says("expected a pairing of at most", context?.standardErrorContent))
        let scalars = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let long = try LongConvolution<Float>(length: 1000, kernelLength: 4, boundary: .causal)
            try long.apply(
                Self.input(10), kernel: Self.input(4), .shared(batch: 1 << 56, channels: 1),
                into: Self.row(10))
        }
        #expect(
            says(
                "the signal needs 72057594037927936 rows of 1000 = too many scalars, got 10",
                scalars?.standardErrorContent))
        let strides = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Self.convolution().apply(
                Self.input(10), kernel: Self.input(4), .shared(batch: 3, channels: 1), into: Self.row(30),
                strides: OperandStrides(signal: RowStrides(sample: .max, channel: 0)))
        }
        #expect(says("the signal needs too many scalars for 3 x 1 rows", strides?.standardErrorContent))
    }
}
