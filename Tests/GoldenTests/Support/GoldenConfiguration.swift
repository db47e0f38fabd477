import Terminator

/// The configuration of a block or a network, as the sidecars have it.
struct GoldenConfiguration: Decodable {
    struct Block: Decodable {
        let channels: Int
        let expansion: Int
        let globalLayers: Int
        let skips: [Int]
    }

    let extents: [Int]
    let inputChannels: Int?
    let classes: Int?
    let globalInteraction: String
    let convolutionAlignment: String?
    let blocks: [Block]
    let globalHidden, localHidden, localLayers: Int
    let localKernelSizes: [Int]
    let channelHidden, channelLayers, interactChannelHidden, interactChannelLayers: Int
    let interactSpatialHidden, interactSpatialLayers: Int
    let omega, renormAlpha, renormBeta: Float
    let standardisationGroups: Int

    /// The golden networks make the authors' choices, but for the global interaction.
    func network() throws -> NetworkConfiguration {
        var configuration = NetworkConfiguration.authors(
            extents: extents, inputChannels: inputChannels ?? blocks[0].channels, classCount: classes ?? 1,
            blocks: blocks.map {
                BlockConfiguration(
                    channels: $0.channels, expansion: $0.expansion, globalLayers: $0.globalLayers,
                    skips: $0.skips)
            },
            omega: omega)
        configuration.globalInteraction = try interaction()
        configuration.globalHidden = globalHidden
        configuration.localSlowNet = SlowNetSize(hidden: localHidden, layers: localLayers)
        configuration.localKernelSizes = localKernelSizes
        configuration.channelSlowNet = SlowNetSize(hidden: channelHidden, layers: channelLayers)
        configuration.interactionChannelSlowNet = SlowNetSize(
            hidden: interactChannelHidden, layers: interactChannelLayers)
        configuration.interactionSpatialSlowNet = SlowNetSize(
            hidden: interactSpatialHidden, layers: interactSpatialLayers)
        configuration.renormalization.alpha = renormAlpha
        configuration.renormalization.beta = renormBeta
        configuration.standardizationGroups = standardisationGroups
        return configuration
    }

    private func interaction() throws -> GlobalInteraction {
        switch (globalInteraction, convolutionAlignment ?? "centred") {
        case ("matrixProduct", _): return .matrixProduct
        case ("convolution", "centred"): return .convolution(.centred)
        case ("convolution", "causal"): return .convolution(.causal)
        case (let interaction, let alignment):
            throw GoldenError("unknown interaction '\(interaction)' with alignment '\(alignment)'")
        }
    }
}
