import Convolution
import Tensors

/// What a streaming network remembers of the samples that have arrived, by the names of its parts.
struct StreamingNetworkState: Sendable {
    /// The number of samples that have arrived.
    var position = 0
    /// The moments of the samples so far.
    var moments: [String: PrefixMoments] = [:]
    /// The last samples that local kernels reach, `[1, C, k - 1]`.
    var recent: [String: Tensor] = [:]
    /// The local kernels in use, `[1, C, k]`.
    var kernels: [String: Tensor] = [:]
    /// The convolutions of each block.
    var convolutions: [String: StreamingContextConvolution<Float>] = [:]
    /// What follows from the parameters alone.
    var constants: [String: Tensor] = [:]

    /// The beginning of a stream.
    ///
    /// - Parameter channels: The number of channels of each block's convolutions, by name.
    init(convolutionChannels channels: [String: Int], kernelLength: Int) throws(ConvolutionError) {
        for (name, channels) in channels {
            convolutions[name] = try StreamingContextConvolution(
                channels: channels, kernelLength: kernelLength)
        }
    }

    /// Forgets the samples.
    mutating func reset() {
        position = 0
        (moments, recent, kernels) = ([:], [:], [:])
        for name in convolutions.keys { convolutions[name]!.reset() }
    }
}
