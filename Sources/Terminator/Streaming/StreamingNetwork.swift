import Convolution
import Runtime
import Tensors

/// A causal network that reads a sequence sample by sample.
///
/// ```swift
/// var stream = try StreamingNetwork(network)
/// for sample in samples { print(stream.step(sample)) }
/// ```
///
/// The logits of each position are those of ``Network/logitsAtPositions(of:)`` for the samples so far, up to rounding. A step takes
/// O(log² t) operations a channel for the global convolutions, amortized, and O(1) for everything else; global convolutions
/// remember O(L) numbers a channel, L being the extent that the network was made for, everything else O(1). A stream may be
/// longer than L: the global kernels then have L taps (see ``SequenceStatistics``).
///
/// A stream is a value: a copy continues by itself.
public struct StreamingNetwork: Sendable {
    /// The network.
    public let network: Network
    private var pass: ForwardPass

    /// The beginning of a stream.
    ///
    /// - Throws: ``StreamingNetworkError`` where the network is not causal, its frozen statistics are of no batch yet, or there
    ///   is not enough memory.
    public init(_ network: Network) throws(StreamingNetworkError) {
        let configuration = network.configuration
        guard configuration.statistics.isCausal else {
            throw .notCausal(statistics: configuration.statistics)
        }
        guard configuration.statistics == .prefix || !network.statistics.values.isEmpty else {
            throw .noStatistics
        }
        var channels: [String: Int] = [:]
        for (index, block) in configuration.blocks.enumerated() {
            var path = StatisticsPath()
            path.append(NetworkPart.blocks, index)
            channels[path.name(ForwardPass.convolutionName)] = 3 * block.channels
        }
        let state: StreamingNetworkState
        do throws(ConvolutionError) {
            state = try StreamingNetworkState(
                convolutionChannels: channels, kernelLength: configuration.extents[0])
        } catch {
            throw .convolution(error)
        }
        self.network = network
        pass = ForwardPass(configuration.statistics, given: network.statistics.values, stream: state)
    }

    /// The number of samples that have arrived.
    public var position: Int { state.position }

    /// What is remembered.
    var state: StreamingNetworkState {
        get { pass.stream! }
        set { pass.stream = newValue }
    }

    /// Takes a sample and returns the logits of its position.
    ///
    /// - Parameter sample: A number for each input channel.
    /// - Returns: A logit for each class.
    public mutating func step(_ sample: [Float]) -> [Float] {
        push(Tensor(shape: [sample.count, 1], scalars: sample)).scalars
    }

    /// Takes n samples and returns the logits of their positions. At the beginning of a stream most of the work for them is
    /// that of ``Network/logitsAtPositions(of:)``.
    ///
    /// - Parameter samples: `[C, n]`.
    /// - Returns: `[classes, n]`.
    public mutating func push(_ samples: Tensor) -> Tensor {
        let (channels, classes) = (network.configuration.inputChannels, network.configuration.classCount)
        require(
            samples.rank == 2 && samples.shape[0] == channels,
            "expected samples [\(channels), n], got \(samples.shape)")
        let count = samples.shape[1]
        guard count > 0 else { return Tensor(shape: [classes, 0], scalars: []) }
        let input = samples.detached.reshaped(to: [1, channels, count])
        let output = network.read(input, in: &pass, readsEveryPosition: true)
        pass.stream!.position += count
        return output.logits.reshaped(to: [classes, count])
    }

    /// Starts anew with the same network.
    public mutating func reset() { pass.stream!.reset() }
}

/// Why a network cannot be streamed.
public enum StreamingNetworkError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Its statistics are over whole sequences.
    case notCausal(statistics: SequenceStatistics)
    /// Its statistics are frozen, but it has seen no batch of training.
    case noStatistics
    /// There is not enough memory for its convolutions.
    case convolution(ConvolutionError)

    /// One line for a person.
    public var description: String {
        switch self {
        case .notCausal(let statistics):
            "expected a network with the statistics prefix or frozen, found \(statistics.rawValue)"
        case .noStatistics: "expected running averages of the training's statistics, found none"
        case .convolution(let error): error.description
        }
    }
}
