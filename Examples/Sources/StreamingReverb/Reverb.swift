import Convolution
import Foundation

/// A sound in a room: the convolution of a signal with the room's impulse response, block by block.
struct Reverb {
    /// The output, the response's tail included, in whole blocks.
    private(set) var output: [[Float]]
    /// The time of each block, in seconds.
    private(set) var blockSeconds: [Double] = []

    /// - Parameters:
    ///   - signal: The samples of each channel.
    ///   - response: Those of the response, one channel for all or one for each.
    ///   - threads: The threads that share the channels of a block.
    /// - Throws: `ConvolutionError`
    init(of signal: [[Float]], in response: [[Float]], blockLength: Int, threads: Int) throws {
        let kernelLength = response[0].count
        let channels = signal.count
        let blocks = (signal[0].count + kernelLength - 1 + blockLength - 1) / blockLength
        let kernel = (0..<channels).flatMap { response[response.count == 1 ? 0 : $0] }
        var stream = try Threads.withCount(threads) {
            try PartitionedConvolution(
                kernel: kernel, channels: channels, kernelLength: kernelLength, blockLength: blockLength)
        }
        output = Array(repeating: Array(repeating: 0, count: blocks * blockLength), count: channels)
        blockSeconds.reserveCapacity(blocks)
        let input = UnsafeMutableBufferPointer<Float>.allocate(capacity: channels * blockLength)
        let result = UnsafeMutableBufferPointer<Float>.allocate(capacity: channels * blockLength)
        defer {
            input.deallocate()
            result.deallocate()
        }
        let clock = ContinuousClock()
        for start in stride(from: 0, to: blocks * blockLength, by: blockLength) {
            for channel in 0..<channels {
                for t in 0..<blockLength {
                    let place = start + t
                    input[channel * blockLength + t] =
                        place < signal[channel].count ? signal[channel][place] : 0
                }
            }
            let time = clock.measure { stream.push(UnsafeBufferPointer(input), into: result) }
            blockSeconds.append(time / .seconds(1))
            for channel in 0..<channels {
                for t in 0..<blockLength { output[channel][start + t] = result[channel * blockLength + t] }
            }
        }
    }

    /// The largest difference from the convolution of the whole signal, relative to the largest output.
    ///
    /// - Throws: `ConvolutionError`
    func differenceFromWhole(_ signal: [[Float]], _ response: [[Float]]) throws -> Double {
        let convolution = try LongConvolution<Float>(
            length: signal[0].count, kernelLength: response[0].count, boundary: .full)
        var (difference, largest) = (Float(0), Float.leastNonzeroMagnitude)
        for (channel, row) in signal.enumerated() {
            let whole = try convolution(row, response[response.count == 1 ? 0 : channel])
            for (value, streamed) in zip(whole, output[channel]) {
                difference = max(difference, abs(value - streamed))
                largest = max(largest, abs(value))
            }
        }
        return Double(difference / largest)
    }
}
