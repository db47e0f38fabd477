import Convolution
import TestSupport
import Testing

@testable import Training

/// Convolutions whose signals lie on several processes have the bits of one process, and what that one computes is the
/// engine's.
@Suite struct DistributedConvolutionTests {
    /// Whole operands, the same on all processes, and the results of one of them put together.
    private struct Operands<Scalar: ConvolutionScalar & BitwiseCopyable>: Sendable {
        var (batch, channels, length, kernelLength) = (1, 1, 1, 1)
        var boundary = Boundary.causal
        var signal: [Scalar] = []
        var kernel: [Scalar] = []
        var upstream: [Scalar] = []

        /// The output and both gradients, whole.
        func results(_ communicator: any Communicator) throws -> [[Scalar]] {
            let convolution = try DistributedConvolution<Scalar>(
                batch: batch, channels: channels, length: length, kernelLength: kernelLength,
                boundary: boundary,
                over: communicator)
            func own(_ rows: [Scalar], _ length: Int, _ part: Range<Int>) -> [Scalar] {
                stride(from: 0, to: rows.count, by: length).flatMap {
                    rows[$0 + part.lowerBound..<$0 + part.upperBound]
                }
            }
            func whole(_ rows: [Scalar], rowCount: Int) -> [Scalar] {
                let parts = communicator.gather(rows)
                return (0..<rowCount).flatMap { row in
                    parts.flatMap { part in
                        let count = part.count / rowCount
                        return part[row * count..<(row + 1) * count]
                    }
                }
            }
            let (x, g) = (
                own(signal, length, convolution.samples), own(upstream, length, convolution.samples)
            )
            let k = own(kernel, kernelLength, convolution.taps)
            var (y, dx) = (x, x)
            var dk = k
            try x.withUnsafeBufferPointer { x in
                try k.withUnsafeBufferPointer { k in
                    try y.withUnsafeMutableBufferPointer { try convolution.apply(x, kernel: k, into: $0) }
                    try g.withUnsafeBufferPointer { g in
                        try dx.withUnsafeMutableBufferPointer { dx in
                            try dk.withUnsafeMutableBufferPointer { dk in
                                try convolution.gradients(
                                    x, kernel: k, upstream: g, signalGradient: dx, kernelGradient: dk)
                            }
                        }
                    }
                }
            }
            return [
                whole(y, rowCount: batch * channels), whole(dx, rowCount: batch * channels),
                whole(dk, rowCount: channels),
            ]
        }

        /// The engine's results, channel by channel.
        func engineResults() throws -> [[Scalar]] {
            let convolution = try LongConvolution<Scalar>(
                length: length, kernelLength: kernelLength, boundary: boundary)
            var results = [signal, signal, kernel]
            for channel in 0..<channels {
                func rows(_ values: [Scalar]) -> [Scalar] {
                    var rows: [Scalar] = []
                    for sample in 0..<batch {
                        let place = (sample * channels + channel) * length
                        rows += values[place..<place + length]
                    }
                    return rows
                }
                let k = Array(kernel[channel * kernelLength..<(channel + 1) * kernelLength])
                var (y, dx, dk) = (rows(signal), rows(signal), k)
                let pairing = Pairing.shared(batch: batch, channels: 1)
                try rows(signal).withUnsafeBufferPointer { x in
                    try k.withUnsafeBufferPointer { k in
                        try y.withUnsafeMutableBufferPointer {
                            try convolution.apply(x, kernel: k, pairing, into: $0)
                        }
                        try rows(upstream).withUnsafeBufferPointer { g in
                            try dx.withUnsafeMutableBufferPointer { dx in
                                try dk.withUnsafeMutableBufferPointer { dk in
                                    try convolution.gradients(
                                        x, kernel: k, pairing, upstream: g, signalGradient: dx,
                                        kernelGradient: dk)
                                }
                            }
                        }
                    }
                }
                for sample in 0..<batch {
                    let place = (sample * channels + channel) * length
                    let row = sample * length..<(sample + 1) * length
                    results[0].replaceSubrange(place..<place + length, with: y[row])
                    results[1].replaceSubrange(place..<place + length, with: dx[row])
                }
                results[2].replaceSubrange(channel * kernelLength..<(channel + 1) * kernelLength, with: dk)
            }
            return results
        }
    }

    private func check<Scalar: ConvolutionScalar & BitwiseCopyable>(
        _ shapes: [(Int, Int, Int, Int)], _: Scalar.Type
    ) throws {
        var numbers = seededNumbers()
        for (batch, channels, length, kernelLength) in shapes {
            for boundary in [Boundary.causal, .centred, .circular]
            where boundary != .circular || kernelLength <= length {
                func noise(_ count: Int) -> [Scalar] {
                    (0..<count).map { _ in Scalar(Float.random(in: -1...1, using: &numbers)) }
                }
                var made = Operands<Scalar>()
                (made.batch, made.channels, made.length, made.kernelLength) = (
                    batch, channels, length, kernelLength
                )
                made.boundary = boundary
                made.signal = noise(batch * channels * length)
                made.kernel = noise(channels * kernelLength)
                made.upstream = noise(batch * channels * length)
                let operands = made
                let expected = try operands.engineResults()
                #expect(try operands.results(SingleProcess()) == expected)
                for size in 1...5 {
                    for results in try ThreadCommunicator.run(size, { try operands.results($0) }) {
                        // Finite numbers that are equal, and not both zero, have the same bits.
                        #expect(results == expected, "\(size) processes, \(batch)x\(channels)x\(length)")
                    }
                }
            }
        }
    }

    /// As many processes as divide channels and length, more than either, and others.
    private let shapes = [
        (1, 1, 1, 1), (2, 3, 2, 2), (1, 4, 12, 12), (3, 2, 7, 5), (9, 5, 100, 100), (2, 3, 1001, 30),
        (1, 7, 300, 417),
    ]

    @Test func sameBitsForAnyNumberOfProcesses() throws { try check(shapes, Float.self) }
    @Test func sameBitsInDouble() throws { try check(shapes, Double.self) }

    @Test func partsAndBytes() throws {
        let parts = try ThreadCommunicator.run(4) { communicator in
            let convolution = try DistributedConvolution<Float>(
                batch: 2, channels: 3, length: 10, kernelLength: 5, boundary: .causal, over: communicator)
            let (n, m) = (convolution.samples.count, convolution.taps.count)
            let (x, k) = ([Float](repeating: 1, count: 6 * n), [Float](repeating: 1, count: 3 * m))
            var y = x
            try x.withUnsafeBufferPointer { x in
                try k.withUnsafeBufferPointer { k in
                    try y.withUnsafeMutableBufferPointer { try convolution.apply(x, kernel: k, into: $0) }
                }
            }
            return (
                convolution.samples, convolution.taps, convolution.convolvedChannels,
                convolution.sentByteCount,
                communicator.traffic.sentByteCount, y
            )
        }
        #expect(parts.map(\.0) == [0..<2, 2..<5, 5..<7, 7..<10])
        #expect(parts.map(\.1) == [0..<1, 1..<2, 2..<3, 3..<5])
        #expect(parts.map(\.2) == [0..<0, 0..<1, 1..<2, 2..<3])
        #expect(parts.map(\.3) == parts.map(\.4))
        // Sums of as many ones as there are taps or samples so far.
        for part in parts {
            let expected = part.0.map { Float(min($0 + 1, 5)) }
            let row = part.5.prefix(part.0.count)
            #expect(zip(row, expected).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }
}
