import Runtime

// What all streams check and share.

/// Traps unless there is such a stream.
func requireStream(channels: Int, kernelLength: Int) {
    require(channels >= 1, "a stream has at least 1 channel, got \(channels)")
    require(kernelLength >= 1, "a kernel has at least 1 tap, got \(kernelLength)")
    require(
        channels <= Pairing.largestRowCount,
        "expected at most \(Pairing.largestRowCount) channels, got \(channels)")
}

/// Traps unless there are as many taps as a stream's kernels have.
func requireKernel(_ count: Int, channels: Int, kernelLength: Int) {
    let (expected, overflows) = channels.multipliedReportingOverflow(by: kernelLength)
    require(
        !overflows && count == expected,
        "expected \(channels) kernels of \(kernelLength) taps = \(overflows ? "too many" : "\(expected)") scalars, got \(count)"
    )
}

/// A fingerprint of taps by which a saved state recognizes its kernel.
///
/// Source: G. Fowler, L. C. Noll, K.-P. Vo, the hash FNV-1a, on words of 64 bits.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func kernelChecksum<Scalar: ConvolutionScalar>(_ kernel: UnsafeBufferPointer<Scalar>) -> UInt64 {
    kernel.reduce(0xCBF2_9CE4_8422_2325) { hash, tap in
        (hash ^ Double(tap).bitPattern) &* 0x0000_0100_0000_01B3
    }
}

/// The threads of a stream: each has memory of its own, allocated with the stream.
func streamWorkerCount(channels: Int) -> Int { min(channels, Threads.count) }

/// The samples of each channel in a push.
@inline(__always)
func sampleCount(_ samples: Int, _ outputs: Int, channels: Int) -> Int {
    let (count, rest) = channels == 1 ? (samples, 0) : samples.quotientAndRemainder(dividingBy: channels)
    require(rest == 0, "expected as many samples for each of \(channels) channels, got \(samples) scalars")
    require(outputs == samples, "expected \(samples) outputs, one for each sample, got \(outputs)")
    return count
}

/// Calls `push` with the caller's outputs, or, where they are not wanted, with memory for as many as there are samples.
package func pushing<Scalar>(
    _ samples: UnsafeBufferPointer<Scalar>, into outputs: UnsafeMutableBufferPointer<Scalar>?,
    _ push: (UnsafeBufferPointer<Scalar>, UnsafeMutableBufferPointer<Scalar>) -> Void
) {
    if let outputs { return push(samples, outputs) }
    let unwanted = PooledArray<Scalar>(count: samples.count)
    push(samples, UnsafeMutableBufferPointer(start: unwanted.pointer, count: samples.count))
    withExtendedLifetime(unwanted) {}
}

/// Calls `body` for each channel, on several threads if it takes long.
@inline(__always)
func forEachStreamedChannel(
    _ count: Int, workers: Int, nanoseconds: () -> Double, _ body: (_ channel: Int, _ worker: Int) -> Void
) {
    if workers == 1 {
        for channel in 0..<count { body(channel, 0) }
    } else {
        parallelFor(count, nanoseconds: nanoseconds(), workers: workers, body)
    }
}
