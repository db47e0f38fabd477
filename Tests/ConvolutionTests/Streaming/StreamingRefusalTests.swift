import TestSupport
import Testing

@testable import Convolution

/// States that do not fit are refused by the name of what is wrong; wrong calls end with what was expected and found.
@Suite struct StreamingRefusalTests {
    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "restored"
        } catch { return "\(error)" }
    }

    @Test func statesOfStreams() throws {
        var generator = SplitMix64.announced(seed: 0xC1)
        let kernel: [Float] = randomScalars(2 * 40, using: &generator)
        var stream = try StreamingConvolution(kernel: kernel, channels: 2, kernelLength: 40)
        _ = stream.push(randomScalars(2 * 100, using: &generator))
        let good = stream.state
        func refusal(_ change: (inout StreamingState<Float>) -> Void) -> String {
            var state = good
            change(&state)
            return self.refusal { try stream.restore(state) }
        }
        #expect(refusal { $0.form = .context }.contains("expected form sample, found context"))
        #expect(refusal { $0.channels = 3 }.contains("expected channels 2, found 3"))
        #expect(refusal { $0.kernelLength = 41 }.contains("expected kernelLength 40, found 41"))
        #expect(refusal { $0.blockLength = 64 }.contains("expected blockLength 1, found 64"))
        #expect(refusal { $0.kernelChecksum += 1 }.contains("expected kernelChecksum"))
        let last = StreamingState<Float>.lastPosition
        #expect(refusal { $0.position = -1 }.contains("expected position of 0 to \(last), found -1"))
        #expect(
            refusal { $0.position = .max }.contains("expected position of 0 to \(last), found \(Int.max)"))
        #expect(refusal { $0.phase = 64 }.contains("expected phase of 0 to 63, found 64"))
        #expect(refusal { $0.phase = -1 }.contains("expected phase of 0 to 63, found -1"))
        #expect(
            refusal { $0.position = 5 }.contains("expected phase of 0 to 5, found \(good.phase)"))
        #expect(refusal { $0.values.removeLast() }.contains("expected values [2, 128], found 255 scalars"))
        #expect(stream.state == good, "what is refused changes nothing")
        let other = try StreamingConvolution(
            kernel: kernel.map { $0 + 1 }, channels: 2, kernelLength: 40)
        #expect(other.state.kernelChecksum != good.kernelChecksum)
    }

    @Test(arguments: [10, 100])
    func statesOfContextStreams(count: Int) throws {
        var generator = SplitMix64.announced(seed: 0xC2)
        var stream = try StreamingContextConvolution<Float>(channels: 2, kernelLength: 40)
        _ = stream.push(
            randomScalars(2 * count, using: &generator), kernel: randomScalars(2 * count, using: &generator))
        let good = stream.state
        for change: (inout StreamingState<Float>) -> Void in [
            { $0.form = .sample }, { $0.channels = 1 }, { $0.kernelLength = 0 }, { $0.position = -1 },
            { $0.position = 39 }, { $0.position = .max / 4 }, { $0.position = .max },
            { $0.phase = 1_000_000 },
            { $0.kernelChecksum = 1 }, { $0.values.removeLast() }, { $0.values.removeAll() },
        ] {
            var state = good
            change(&state)
            // A complete kernel's stream may be anywhere.
            let isFine = count == 100 && state.position == .max / 4 && state.values == good.values
            #expect((refusal { try stream.restore(state) } == "restored") == isFine)
            if isFine {
                // No number that follows from the last position overflows.
                _ = stream.push([Float](repeating: 1, count: 200), kernel: [Float](repeating: 1, count: 200))
                try stream.restore(good)
            }
            #expect(stream.state == good, "what is refused changes nothing")
        }
    }

    /// Every kind of stream continues from the last position that it accepts.
    @Test func lastPositions() throws {
        let last = StreamingState<Float>.lastPosition / 64 * 64
        let kernel = [Float](repeating: 1, count: 40), samples = [Float](repeating: 1, count: 128)
        var stream = try StreamingConvolution(kernel: kernel, channels: 1, kernelLength: 40)
        var blocks = try PartitionedConvolution(
            kernel: kernel, channels: 1, kernelLength: 40, blockLength: 64)
        var modes = StreamingStateSpace<Float>(
            modes: [DiagonalMode(factor: [0.5, 0], gain: [1, 0])], channels: 1)
        func moved<Scalar>(_ state: StreamingState<Scalar>) -> StreamingState<Scalar> {
            var state = state
            state.position = last
            return state
        }
        try stream.restore(moved(stream.state))
        try blocks.restore(moved(blocks.state))
        try modes.restore(moved(modes.state))
        #expect(stream.push(samples).last == 40 && stream.position == last + 128)
        #expect(blocks.push(samples).last == 40 && blocks.position == last + 128)
        #expect(modes.push(samples).last == 2 && modes.position == last + 128)
    }

    @Test func wrongCalls() async {
        let ofKernel = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try StreamingConvolution<Float>(kernel: [1, 2, 3], channels: 2, kernelLength: 2)
        }
        #expect(
            says("expected 2 kernels of 2 taps = 4 scalars, got 3", ofKernel?.standardErrorContent))
        let ofChannels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var stream = try StreamingConvolution<Float>(kernel: [1, 2], channels: 2, kernelLength: 1)
            _ = stream.push([1, 2, 3])
        }
        #expect(
            says(
                "expected as many samples for each of 2 channels, got 3 scalars",
                ofChannels?.standardErrorContent))
        let ofTaps = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var stream = try StreamingContextConvolution<Float>(channels: 1, kernelLength: nil)
            _ = stream.push([1, 2, 3], kernel: [1, 2])
        }
        #expect(says("expected 3 taps, one for each sample, got 2", ofTaps?.standardErrorContent))
        let ofNothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try StreamingConvolution<Float>(kernel: [], channels: 1, kernelLength: 0)
        }
        #expect(says("a kernel has at least 1 tap, got 0", ofNothing?.standardErrorContent))
    }

    @Test func sizesBeyondMemory() throws {
        #expect(throws: ConvolutionError.self) {
            _ = try StreamingContextConvolution<Float>(channels: 1 << 40, kernelLength: 1000)
        }
        #expect(throws: ConvolutionError.self) {
            _ = try StreamingContextConvolution<Float>(channels: 1, kernelLength: Int.max / 64)
        }
        // A beginning and a saved state find room for as many samples as they have, or say that there is none.
        let stream = try StreamingContextConvolution<Float>(channels: 1, kernelLength: nil)
        #expect(throws: ConvolutionError.self) { _ = try stream.emptyArriving(atLeast: 1 << 50) }
        #expect(throws: ConvolutionError.self) {
            _ = try stream.emptyArriving(atLeast: 1, beside: Int.max / 2)
        }
    }
}
