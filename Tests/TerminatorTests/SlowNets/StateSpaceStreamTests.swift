import Convolution
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// State spaces as recurrences.
@Suite struct StateSpaceStreamTests {
    /// The stream's outputs are those of the convolution with the kernel, whose powers are in double precision and whose samples are
    /// rounded to `Float`: relative to the kernel's and the signal's norms both bounds are the promised one.
    @Test(arguments: [1, 2, 100, 4096]) func isTheConvolutionWithTheKernel(length: Int) throws {
        var numbers = seededNumbers(UInt64(length))
        var net = DiagonalStateSpace(extents: [length], outputs: 3, modes: 16, using: &numbers)
        net.disturb(deviation: 0.2, using: &numbers)
        let kernel = net.kernel().scalars
        let signal = numbers.tensor([3, length]).scalars
        let convolution = try LongConvolution<Float>(length: length, kernelLength: length, boundary: .causal)
        var expected = [Float](repeating: 0, count: 3 * length)
        try signal.withUnsafeBufferPointer { signal in
            try kernel.withUnsafeBufferPointer { kernel in
                try expected.withUnsafeMutableBufferPointer {
                    try convolution.apply(signal, kernel: kernel, .shared(batch: 1, channels: 3), into: $0)
                }
            }
        }
        var stream = net.stream()
        let outputs = stream.push(signal)
        for channel in 0..<3 {
            let row = channel * length..<(channel + 1) * length
            func norm(_ values: [Float]) -> Double {
                values[row].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            }
            let bound = 1e-5 * norm(kernel) * norm(signal)
            for index in row { #expect(abs(Double(outputs[index]) - Double(expected[index])) <= bound) }
        }
    }

    /// The first taps of a longer kernel are those of a shorter one, and the stream has them all.
    @Test func theStreamGoesOn() {
        var numbers = seededNumbers()
        let net = DiagonalStateSpace(extents: [8], outputs: 1, modes: 4, using: &numbers)
        var stream = net.stream(of: Double.self)
        let taps = stream.push([1] + [Double](repeating: 0, count: 30))
        let kernel = net.kernel().scalars
        let largest = largestMagnitude(taps)
        for (tap, expected) in zip(taps, kernel) {
            #expect(abs(tap - Double(expected)) <= 8 * floatEpsilon * largest)
        }
        #expect(taps[8...].contains { abs($0) > 1e-3 * largest })
    }

    @Test func centredOnesTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var numbers = RandomNumbers(seed: 1)
            _ = DiagonalStateSpace(extents: [8], outputs: 1, modes: 1, alignment: .centred, using: &numbers)
                .stream()
        }
        #expect(says("expected a causal state space", result?.standardErrorContent))
    }
}
