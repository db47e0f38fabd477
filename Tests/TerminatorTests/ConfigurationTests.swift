import Foundation
import Tensors
import Testing

@testable import Terminator

@Suite struct ConfigurationTests {
    static let presets: [NetworkConfiguration] =
        [.authorsCIFAR(), .authorsCIFAR(classCount: 100), .digits(form: .sequence), .digits(form: .image)]

    @Test(arguments: presets)
    func presetsAreValidAndSurviveEncoding(configuration: NetworkConfiguration) throws {
        try configuration.validate()
        let data = try JSONEncoder().encode(configuration)
        #expect(try JSONDecoder().decode(NetworkConfiguration.self, from: data) == configuration)
    }

    /// Each change makes the small configuration wrong in one way; the text says what was found.
    static let mistakes: [(text: String, change: @Sendable (inout NetworkConfiguration) -> Void)] = [
        ("1 or 2 spatial extents, found []", { $0.extents = [] }),
        ("1 or 2 spatial extents, found [2, 2, 2]", { $0.extents = [2, 2, 2] }),
        ("extents of at least 1, found [0]", { $0.extents = [0] }),
        ("extents up to 16777216", { $0.extents = [.max] }),
        ("input channels, found 0", { $0.inputChannels = 0 }),
        ("classes, found -1", { $0.classCount = -1 }),
        ("4 odd local kernel sizes, found [3, 5]", { $0.localKernelSizes = [3, 5] }),
        ("4 odd local kernel sizes, found [3, 4, 5, 7]", { $0.localKernelSizes = [3, 4, 5, 7] }),
        ("at least one block", { $0.blocks = [] }),
        (
            "expected 2 channels into block 0, found 3",
            {
                $0.inputChannels = 2; $0.blocks[0].channels = 3
            }
        ),
        ("expected 4 channels into block 1, found 8", { $0.blocks[1].channels = 8 }),
        ("channels out of block 0 in 3 equal groups, found 4", { $0.standardizationGroups = 3 }),
        ("dropout rate in 0 ..< 1 for block 1, found 1.0", { $0.blocks[1].dropout = 1 }),
        ("dropout rate in 0 ..< 1 for block 1, found nan", { $0.blocks[1].dropout = .nan }),
        ("at most 2 skips into block 2", { $0.blocks[2].skips = [0, 1, 0] }),
        ("skips from blocks before block 1, found 1", { $0.blocks[1].skips = [1] }),
        ("skips from blocks before block 1, found -1", { $0.blocks[1].skips = [-1] }),
        ("times the channels out of block 0, found 0", { $0.blocks[0].expansion = 0 }),
        ("layers of block 0's slow net, found 0", { $0.blocks[0].globalLayers = 0 }),
        ("a square image for the matrix product", { $0.globalInteraction = .matrixProduct }),
        (
            "one spatial axis for a causal convolution",
            {
                $0.extents = [4, 4]
                $0.globalInteraction = .convolution(.causal)
            }
        ),
        ("a momentum in 0 <... 1, found 0.0", { $0.evaluationStatistics = .running(momentum: 0) }),
        (
            "at most 1024 blocks, found 1027",
            { $0.blocks += (0..<1024).map { _ in BlockConfiguration(channels: 8, expansion: 1) } }
        ),
        ("finite constants of the renormalization", { $0.renormalization.beta = .nan }),
        ("a finite scale of frequencies, found inf", { $0.frequencies = .gamma(omega: .infinity) }),
    ]

    @Test(arguments: mistakes.indices)
    func mistakesAreFound(index: Int) {
        var configuration = smallConfiguration()
        Self.mistakes[index].change(&configuration)
        do {
            try configuration.validate()
            Issue.record("expected '\(Self.mistakes[index].text)'")
        } catch {
            #expect(error.description.contains(Self.mistakes[index].text), "\(error)")
        }
    }

    @Test func aNetworkOfAnInvalidConfigurationTraps() async {
        await #expect(processExitsWith: .failure) {
            var randomNumbers = RandomNumbers(seed: 1)
            _ = Network(
                NetworkConfiguration(extents: [], inputChannels: 1, classCount: 1, blocks: []),
                using: &randomNumbers)
        }
    }

    /// No product of a slow net's sines has a frequency above that of the grid.
    @Test(arguments: [[64], [9, 5], [1], [2]], [Float(1), 0.5])
    func frequenciesStayBelowNyquist(extents: [Int], fraction: Float) {
        var randomNumbers = RandomNumbers(seed: 3)
        let slowNet = MultiplicativeFilterNetwork(
            extents: extents, outputs: 1, size: SlowNetSize(hidden: 200, layers: 2),
            frequencies: .belowNyquist(fraction: fraction), using: &randomNumbers)
        for (axis, extent) in extents.enumerated() {
            let highest = slowNet.filters.reduce(Float(0)) { sum, filter in
                sum
                    + filter.weight.slice(alongAxis: 1, axis..<axis + 1).scalars.reduce(0) {
                        max($0, abs($1))
                    }
            }
            let bound = fraction * .pi / 2 * Float(extent - 1)
            #expect(highest <= bound * 1.0001)
            // Two hundred draws come close to the bound.
            #expect(highest >= bound * 0.9)
        }
    }
}
