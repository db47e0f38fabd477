import Tensors
import Testing

@testable import Terminator

@Suite struct ParameterCountTests {
    /// As published, and as the authors' checkpoint has them part by part.
    @Test func ofTheAuthorsNetworkForCIFAR10() {
        var randomNumbers = RandomNumbers(seed: 1)
        let network = Network(.authorsCIFAR(), using: &randomNumbers)
        let counts = network.parameterCounts
        #expect(network.parameterCount == 1_336_855)
        #expect(network.slowParameterCount == 318_976)
        #expect(counts[.bottlenecks] == 645_456)
        #expect(counts[.gatedUnits] == 231_328)
        #expect(counts[.localMixers] == 110_544)
        #expect(counts[.channelMixers] == 27_636)
        #expect(counts[.classifier] == 2_890)
        #expect(counts[.globalSlowNets] == 71_307)
        #expect(counts[.localGenerators] == 84_064)
        #expect(counts[.localContext] == 98_176)
        #expect(
            counts[.hyperInteractionOverChannels, default: 0] + counts[.hyperInteractionOverSpace, default: 0]
                == 53_477)
        #expect(counts[.channelInteraction] == 11_952)
        #expect(counts[.offsets] == 25)
    }

    @Test func ofTheAuthorsNetworkForCIFAR100() {
        var randomNumbers = RandomNumbers(seed: 1)
        #expect(Network(.authorsCIFAR(classCount: 100), using: &randomNumbers).parameterCount == 1_362_865)
    }

    /// The authors' for CIFAR-10 with four spatial biases of 96² - 32² samples more in each of five blocks: of the slow
    /// nets over space and of both gated units.
    @Test func ofTheAuthorsNetworkForSTL10() {
        var randomNumbers = RandomNumbers(seed: 1)
        let counts = Network(.authorsSTL10, using: &randomNumbers).parameterCounts
        #expect(counts.values.reduce(0, +) == 1_500_695)
        #expect(counts[.bottlenecks] == 645_456)
        #expect(counts[.gatedUnits] == 231_328 + 2 * 5 * 8192)
        #expect(counts[.globalSlowNets] == 71_307 + 5 * 8192)
        #expect(counts[.classifier] == 2_890)
    }

    /// As their presets' documentation says.
    @Test func ofTheNetworksForSequences() {
        var randomNumbers = RandomNumbers(seed: 1)
        #expect(Network(.sequentialMNIST, using: &randomNumbers).parameterCount == 71_956)
        #expect(Network(.sequentialCIFAR10, using: &randomNumbers).parameterCount == 157_330)
    }

    /// Two parameters of one name would be one in checkpoints, gradients and optimizers.
    @Test(arguments: everyForm.indices) func everyParameterHasANameOfItsOwn(index: Int) {
        let network = network(everyForm[index])
        let paths = network.parametersByPath.map(\.path)
        #expect(Set(paths).count == paths.count && Set(paths.map(\.name)).count == paths.count)
        #expect(paths.map(\.name) == network.parameters.map(\.name))
        #expect(network.parameterCounts.values.reduce(0, +) == network.parameterCount)
    }

    /// The authors' biases that a standardization cancels are in their network, and not in ours.
    @Test func canceledBiasesAreLeftOut() {
        var randomNumbers = RandomNumbers(seed: 1)
        func names(_ configuration: NetworkConfiguration) -> Set<String> {
            Set(Network(configuration, using: &randomNumbers).parameters.map(\.name))
        }
        let authors = names(smallAuthorsConfiguration(extents: [11]))
        let ours = names(smallConfiguration())
        let canceled =
            [
                "bottleneck.bias", "channelMixer.bias", "activationRGU.output.bias", "kernelRGU.output.bias",
            ] + (0..<4).flatMap { ["localBranches.\($0).mixer.bias", "localBranches.\($0).offset"] }
        let trained = (0..<4).flatMap { net in
            (0..<2).map { "localSlowNets.\(net).renormalizations.\($0).alphaBeta" }
        }
        #expect(
            authors.subtracting(ours)
                == Set((0..<3).flatMap { block in canceled.map { "blocks.\(block).\($0)" } }))
        #expect(
            ours.subtracting(authors)
                == Set((0..<3).flatMap { block in trained.map { "blocks.\(block).\($0)" } }))
    }
}
