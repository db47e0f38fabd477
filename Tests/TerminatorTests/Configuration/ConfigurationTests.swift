import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct ConfigurationTests {
    @Test(arguments: NetworkPreset.allCases)
    func presetsAreValidAndSurviveEncoding(preset: NetworkPreset) throws {
        try preset.configuration.validate()
        let data = try JSONEncoder().encode(preset.configuration)
        #expect(try JSONDecoder().decode(NetworkConfiguration.self, from: data) == preset.configuration)
    }

    /// Each change makes the small configuration wrong in one way; the message names the field, the rule, and what was
    /// found.
    static let mistakes: [(message: String, change: @Sendable (inout NetworkConfiguration) -> Void)] = [
        ("extents: expected 1 or 2 spatial extents, found []", { $0.extents = [] }),
        ("extents: expected 1 or 2 spatial extents, found [2, 2, 2]", { $0.extents = [2, 2, 2] }),
        ("extents: expected extents from 1 to 16777216, found [0]", { $0.extents = [0] }),
        (
            "extents: expected extents from 1 to 16777216, found [9223372036854775807]",
            { $0.extents = [.max] }
        ),
        ("classCount: expected 1 to 65536, found -1", { $0.classCount = -1 }),
        ("globalHidden: expected 1 to 65536, found 65537", { $0.globalHidden = 65537 }),
        ("localSlowNet.hidden: expected 1 to 65536, found 0", { $0.localSlowNet.hidden = 0 }),
        ("localSlowNet.layers: expected 1 to 65536, found 0", { $0.localSlowNet.layers = 0 }),
        ("channelSlowNet.layers: expected 1 to 65536, found 0", { $0.channelSlowNet.layers = 0 }),
        (
            "interactionChannelSlowNet.hidden: expected 1 to 65536, found -2",
            { $0.interactionChannelSlowNet.hidden = -2 }
        ),
        (
            "interactionSpatialSlowNet.layers: expected 1 to 65536, found 0",
            { $0.interactionSpatialSlowNet.layers = 0 }
        ),
        ("standardizationGroups: expected 1 to 65536, found 0", { $0.standardizationGroups = 0 }),
        ("localKernelSizes: expected 4 sizes, found [3, 5]", { $0.localKernelSizes = [3, 5] }),
        (
            "localKernelSizes: expected odd sizes from 1 to 1023, found [3, 4, 5, 7]",
            { $0.localKernelSizes = [3, 4, 5, 7] }
        ),
        ("blocks: expected 1 to 1024 blocks, found 0", { $0.blocks = [] }),
        (
            "blocks: expected 1 to 1024 blocks, found 1027",
            { $0.blocks += (0..<1024).map { _ in BlockConfiguration(channels: 8, expansion: 1) } }
        ),
        (
            "blocks[0].channels: expected 3, the channels of the input, found 2",
            { $0.inputChannels = 3 }
        ),
        (
            "blocks[2].channels: expected 4, the channels of the output of blocks[1], found 8",
            { $0.blocks[2].channels = 8 }
        ),
        (
            "blocks[2].expansion: expected 1 to 65536, found 0",
            { $0.blocks[2].expansion = 0 }
        ),
        (
            "blocks[2]: expected up to 65536 output channels, found 4 times 32768",
            { $0.blocks[2].expansion = 32768 }
        ),
        (
            "blocks[0]: expected output channels in 8 equal groups, found 4; "
                + "blocks[1]: expected output channels in 8 equal groups, found 4",
            { $0.standardizationGroups = 8 }
        ),
        ("blocks[0].globalLayers: expected 1 to 65536, found 0", { $0.blocks[0].globalLayers = 0 }),
        (
            "blocks[1].dropout: expected a probability of at least 0 and below 1, found 1.0",
            { $0.blocks[1].dropout = 1 }
        ),
        (
            "blocks[1].dropout: expected a probability of at least 0 and below 1, found nan",
            { $0.blocks[1].dropout = .nan }
        ),
        ("blocks[2].skips: expected at most 2 blocks, found [0, 1, 0]", { $0.blocks[2].skips = [0, 1, 0] }),
        ("blocks[1].skips: expected blocks from 0 to 0, found [1]", { $0.blocks[1].skips = [1] }),
        ("blocks[2].skips: expected blocks from 0 to 1, found [-1]", { $0.blocks[2].skips = [-1] }),
        (
            "blocks[0].skips: expected no blocks, as there is none before the first, found [0]",
            { $0.blocks[0].skips = [0] }
        ),
        (
            "blocks[2].channels: expected 4, the channels of the output of blocks[1], found 6; "
                + "blocks[2].skips: expected blocks whose output channels divide 6, found 4 of blocks[1]",
            {
                $0.blocks[2].channels = 6
                $0.blocks[2].skips = [1]
            }
        ),
        (
            "globalInteraction: expected square images for the matrix product, found extents [11]",
            { $0.globalInteraction = .matrixProduct }
        ),
        (
            "globalInteraction: expected one spatial axis for the causal convolution, found extents [4, 4]",
            {
                $0.extents = [4, 4]
                $0.globalInteraction = .convolution(.causal)
            }
        ),
        (
            "globalInteraction: expected causalConvolution for prefix statistics, found centredConvolution; "
                + "localContext: expected perSample for prefix statistics, found batchMean",
            { $0.statistics = .prefix }
        ),
        (
            "localContext: expected batchMean for frozen statistics, found perSample; "
                + "evaluationStatistics: expected running averages for frozen statistics, found batch",
            {
                $0.statistics = .frozen
                $0.globalInteraction = .convolution(.causal)
                $0.localContext = .perSample
                $0.evaluationStatistics = .batch
            }
        ),
        (
            "spatialBias: expected resampled or absent for prefix statistics, found fixed",
            {
                $0 = $0.causal()
                $0.spatialBias = .fixed
            }
        ),
        (
            "frequencies: expected belowNyquist for the slow net siren, found gamma",
            {
                $0.globalSlowNet = .siren
                $0.frequencies = .gamma(omega: 1)
            }
        ),
        (
            "globalSlowNet: expected one spatial axis for the slow net hyena, found extents [4, 4]",
            {
                $0.extents = [4, 4]
                $0.globalSlowNet = .hyena
            }
        ),
        (
            "globalKernel.window.exponential.fast: expected a number from 0.001 to 1000, found 0.0; "
                + "globalKernel.window.exponential.slow: expected a number from 0.001 to 1000, found nan; "
                + "globalKernel.window.exponential.shift: expected a finite number of at least 0, found -1.0",
            { $0.globalKernel.window = .exponential(ExponentialDecay(fast: 0, slow: .nan, shift: -1)) }
        ),
        (
            "globalKernel.window.gaussian.width: expected a number from 0.001 to 1000, found -0.5",
            { $0.globalKernel.window = .gaussian(width: -0.5) }
        ),
        (
            "globalKernel.smoothing: expected an odd number from 1 to 1023, found 4",
            { $0.globalKernel.smoothing = 4 }
        ),
        (
            "globalKernel.threshold: expected a finite number of at least 0, found -0.1",
            { $0.globalKernel.threshold = -0.1 }
        ),
        (
            "globalKernel.rates.dynamics: expected a finite number of at least 0, found inf",
            { $0.globalKernel.rates.dynamics = .infinity }
        ),
        (
            "globalKernel.rates.scales: expected a finite number of at least 0, found -1.0",
            { $0.globalKernel.rates.scales = -1 }
        ),
        (
            "globalKernel.rates.taps: expected a finite number of at least 0, found -1.0",
            { $0.globalKernel.rates.taps = -1 }
        ),
        (
            "globalKernel.rates.decays: expected a finite number of at least 0, found -1.0; "
                + "globalKernel.rates.widths: expected a finite number of at least 0, found nan",
            {
                $0.globalKernel.rates.decays = -1
                $0.globalKernel.rates.widths = .nan
            }
        ),
        (
            "evaluationStatistics.running.momentum: expected a number above 0 and up to 1, found 0.0",
            { $0.evaluationStatistics = .running(momentum: 0) }
        ),
        (
            "renormalization.alpha: expected a finite number, found inf",
            { $0.renormalization.alpha = .infinity }
        ),
        ("renormalization.beta: expected a finite number, found nan", { $0.renormalization.beta = .nan }),
        (
            "frequencies.gamma.omega: expected a finite number of at least 0, found inf",
            { $0.frequencies = .gamma(omega: .infinity) }
        ),
        (
            "frequencies.belowNyquist.fraction: expected a finite number of at least 0, found -1.0",
            { $0.frequencies = .belowNyquist(fraction: -1) }
        ),
    ]

    @Test(arguments: mistakes.indices)
    func mistakesAreFound(index: Int) {
        var configuration = smallConfiguration()
        Self.mistakes[index].change(&configuration)
        let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
        #expect(error?.description == Self.mistakes[index].message)
    }

    @Test func allMistakesAreFoundAtOnce() {
        var configuration = smallConfiguration()
        configuration.classCount = 0
        configuration.localKernelSizes = []
        configuration.blocks[1].expansion = .max
        configuration.blocks[2].dropout = 2
        let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
        #expect(
            error?.violations.map(\.field) == [
                "classCount", "localKernelSizes", "blocks[1].expansion", "blocks[1]", "blocks[1]",
                "blocks[2].channels", "blocks[2].skips", "blocks[2].dropout",
            ])
    }

    @Test func aNetworkOfAnInvalidConfigurationTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var randomNumbers = RandomNumbers(seed: 1)
            _ = Network(
                NetworkConfiguration(extents: [], inputChannels: 1, classCount: 1, blocks: []),
                using: &randomNumbers)
        }
        #expect(says("not a valid configuration", result?.standardErrorContent))
    }
}
