/// Lower bounds of what a network of a valid configuration needs, by which those too large for any machine are refused
/// before anything is allocated.
///
/// The bounds hold the terms that grow with a product of sizes; the rest is small beside them. They are `Double`, which
/// no product of sizes overflows.
struct NetworkSize {
    /// A bound of the number of parameters.
    let parameterCount: Double
    /// A bound of the number of scalars of the largest map: channels, hidden channels of slow nets included, times
    /// positions.
    let largestMap: Double
    /// The number of layers of all slow nets.
    let layerCount: Int

    /// The largest number of parameters: 1 GiB of them.
    static let largestParameterCount = 1 << 28
    /// The largest number of scalars in a map of one sample: 1 GiB of them, of which a block alone makes ten.
    static let largestMapCount = 1 << 28
    /// The largest number of layers of all slow nets; each takes some microseconds and kilobytes, however small it is.
    static let largestLayerCount = 1 << 16

    /// The bounds for a configuration whose single fields are valid.
    init(of configuration: NetworkConfiguration) {
        let positions = configuration.extents.reduce(1.0) { $0 * Double($1) }
        let axes = configuration.extents.count
        let channelNets = [configuration.channelSlowNet, configuration.interactionChannelSlowNet]
        // Spatial biases: of the gated units, of the gate over space and, in the first kind of slow net, of the kernel's.
        let biasCount =
            configuration.spatialBias == .absent ? 0 : configuration.globalSlowNet == .magnet ? 4 : 3
        let localSamples = configuration.localKernelSizes.map { size in
            (0..<axes).reduce(1.0) { product, _ in product * Double(size) }
        }
        var parameters = Double(configuration.classCount) * Double(configuration.blocks.last?.outputs ?? 1)
        var layers = 0
        for block in configuration.blocks {
            let channels = Double(block.channels)
            parameters += configuration.globalKernelParameters(of: block, positions: positions)
            parameters += configuration.interactionSpatialSlowNet.squares
            parameters += channelNets.reduce(0) { $0 + $1.squares + channels }
            for samples in localSamples {
                // The filter network, its spatial bias, and the layers of its context.
                parameters += 2 * configuration.localSlowNet.squares + samples
                parameters += 2 * Double(configuration.localSlowNet.hidden) * channels
            }
            parameters += Double(biasCount) * positions
            // The mixer, those of the local branches and the four layers of each gated unit; the bottleneck.
            parameters += Double(9 + configuration.localKernelSizes.count) * channels * channels
            parameters += Double(BlockActivations.concatenatedCount) * channels * block.outputs
            layers += block.globalLayers + configuration.interactionSpatialSlowNet.layers
            layers += channelNets.reduce(0) { $0 + $1.layers }
            layers += 2 * configuration.localKernelSizes.count * configuration.localSlowNet.layers
        }
        parameterCount = parameters
        layerCount = layers

        let widest = configuration.blocks.map(\.outputs).max() ?? 1
        let atPositions = [
            Double(configuration.inputChannels), widest, configuration.hiddenAtPositions,
            Double(configuration.interactionSpatialSlowNet.hidden),
            configuration.readout == .positions ? Double(configuration.classCount) : 1,
        ].max()!
        let atChannels = Double(channelNets.map(\.hidden).max()!)
        largestMap = max(
            atPositions * positions, atChannels * max(widest, Double(configuration.inputChannels)),
            max(Double(configuration.localSlowNet.hidden), widest) * (localSamples.max() ?? 1))
    }
}

extension NetworkConfiguration {
    /// A bound of the parameters of a block's global slow net, windows and spatial biases excepted.
    fileprivate func globalKernelParameters(of block: BlockConfiguration, positions: Double) -> Double {
        let channels = Double(block.channels)
        let sides = Double(KernelSides(globalInteraction.alignment).count)
        switch globalSlowNet {
        case .diagonalStateSpace: return sides * channels * Double(1 + 4 * globalHidden)
        case .multiscale: return channels * min(sides * Double(globalHidden), positions)
        case .explicit: return channels * positions
        case .magnet, .fourierFilters, .gaborFilters, .siren, .fourierFeatures, .perceptron, .hashGrid,
            .hyena:
            let size = SlowNetSize(hidden: globalHidden, layers: block.globalLayers)
            return size.squares + Double(globalHidden) * channels
        }
    }

    /// The hidden channels that the global slow nets have at each position.
    fileprivate var hiddenAtPositions: Double {
        switch globalSlowNet {
        case .diagonalStateSpace, .multiscale, .explicit: 1
        case .magnet, .fourierFilters, .gaborFilters, .siren, .fourierFeatures, .perceptron, .hashGrid,
            .hyena:
            Double(globalHidden)
        }
    }
}

extension SlowNetSize {
    /// The parameters of the matrices between hidden channels.
    fileprivate var squares: Double { Double(layers) * Double(hidden) * Double(hidden) }
}

extension BlockConfiguration {
    /// ``outputChannels``, which no product overflows.
    fileprivate var outputs: Double { Double(channels) * Double(expansion) }
}
