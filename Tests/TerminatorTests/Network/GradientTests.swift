import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Finite differences confirm the gradients of every component.
@Suite struct GradientTests {
    private func configuration(extents: [Int], channels: Int) -> NetworkConfiguration {
        var configuration = NetworkConfiguration(
            extents: extents, inputChannels: channels, classCount: 1,
            blocks: [BlockConfiguration(channels: channels, expansion: 2)])
        configuration.globalHidden = 3
        configuration.localSlowNet = SlowNetSize(hidden: 3, layers: 2)
        configuration.channelSlowNet = SlowNetSize(hidden: 3, layers: 2)
        configuration.interactionChannelSlowNet = SlowNetSize(hidden: 3, layers: 1)
        configuration.interactionSpatialSlowNet = SlowNetSize(hidden: 3, layers: 1)
        configuration.standardizationGroups = 2
        // Low frequencies: the differences are taken with steps on the scale of 1.
        configuration.frequencies = .gamma(omega: 0.05)
        return configuration
    }

    @Test(arguments: [[7], [1], [4, 5]])
    func ofTheMultiplicativeFilterNetwork(extents: [Int]) {
        var numbers = seededNumbers()
        var slowNet = MultiplicativeFilterNetwork(
            extents: extents, outputs: 3, size: SlowNetSize(hidden: 4, layers: 2),
            frequencies: .gamma(omega: 0.05), using: &numbers)
        slowNet.disturb(deviation: 0.3, using: &numbers)
        #expect(slowNet.gradientMismatches(inputs: []) { slowNet, _ in slowNet.kernel() } == [])
        let others = extents.map { $0 + 2 }
        #expect(
            slowNet.gradientMismatches(inputs: []) { slowNet, _ in slowNet.kernel(extents: others) } == [])
    }

    @Test(arguments: [LocalContext.batchMean, .perSample], [[9], [6, 5]])
    func ofTheLocalSlowNet(context: LocalContext, extents: [Int]) {
        var numbers = seededNumbers(2)
        var configuration = configuration(extents: extents, channels: 3)
        configuration.localContext = context
        var slowNet = LocalSlowNet(
            channels: 3, size: 3, axes: extents.count, configuration: configuration, using: &numbers)
        slowNet.disturb(deviation: 0.2, using: &numbers)
        slowNet.keepDifferentiableTermOnly()
        // As the net was made for, and sampled twice as densely.
        for extents in [extents, extents.map { 2 * $0 - 1 }] {
            let features = numbers.tensor([2, 3] + extents)
            let mismatches = slowNet.gradientMismatches(inputs: [features], roundings: 64) {
                slowNet, inputs in
                var pass = ForwardPass()
                return slowNet.kernels(for: inputs[0], in: &pass)
            }
            #expect(mismatches == [])
        }
    }

    /// Contexts of the samples so far: kernels for 1, 2 and 4 samples, and their use by a causal branch.
    @Test func ofTheCausalLocalBranch() {
        var numbers = seededNumbers(21)
        let configuration = configuration(extents: [7], channels: 3).causal()
        var slowNet = LocalSlowNet(
            channels: 3, size: 5, axes: 1, configuration: configuration, using: &numbers)
        slowNet.disturb(deviation: 0.2, using: &numbers)
        slowNet.keepDifferentiableTermOnly()
        let branch = LocalBranch(channels: 3, configuration: configuration, using: &numbers)
        let inputs = [numbers.tensor([2, 3, 7]), numbers.tensor([2, 3, 7])]
        var pass = ForwardPass(.prefix)
        #expect(slowNet.kernels(for: inputs[0], in: &pass).shape == [2, 3 * 3, 5])
        let mismatches = slowNet.gradientMismatches(inputs: inputs, step: 0x1p-6, roundings: 64) {
            slowNet, inputs in
            var pass = Self.smoothPass(.prefix)
            return branch(inputs[0], kernels: slowNet.kernels(for: inputs[1], in: &pass), in: &pass)
        }
        #expect(mismatches == [])
    }

    @Test(arguments: [[9], [3, 4]])
    func ofTheRecursiveGatedUnit(extents: [Int]) {
        var numbers = seededNumbers(3)
        var configuration = configuration(extents: extents, channels: 3)
        configuration.keepsCanceledBiases = true
        var unit = RecursiveGatedUnit(channels: 3, configuration: configuration, using: &numbers)
        unit.disturb(deviation: 0.2, using: &numbers)
        let mismatches = unit.gradientMismatches(inputs: [numbers.tensor([2, 3] + extents)], step: 0x1p-6) {
            $0($1[0])
        }
        #expect(mismatches == [])
    }

    @Test(arguments: [[9], [3, 4]])
    func ofTheChannelInteraction(extents: [Int]) {
        var numbers = seededNumbers(4)
        var interaction = ChannelInteraction(
            channels: 3, configuration: configuration(extents: extents, channels: 3), using: &numbers)
        interaction.disturb(deviation: 0.3, using: &numbers)
        let features = 1 + numbers.tensor([2, 3] + extents)
        #expect(interaction.gradientMismatches(inputs: [features]) { $0($1[0]) } == [])
    }

    @Test(arguments: [[9], [3, 4]])
    func ofTheHyperInteraction(extents: [Int]) {
        var numbers = seededNumbers(5)
        var interaction = HyperInteraction(
            channels: 3, configuration: configuration(extents: extents, channels: 3), using: &numbers)
        interaction.disturb(deviation: 0.3, using: &numbers)
        let features = numbers.tensor([2, 3] + extents)
        let scored = 1 + numbers.tensor([2, 3] + extents)
        let mismatches = interaction.gradientMismatches(inputs: [features, scored]) {
            $0($1[0], scoresFrom: $1[1])
        }
        #expect(mismatches == [])
    }

    /// With one kernel for all samples, and with one for each.
    @Test(arguments: [1, 2], [[9], [5, 4]])
    func ofTheLocalBranch(kernelCount: Int, extents: [Int]) {
        var numbers = seededNumbers(6)
        let branch = LocalBranch(
            channels: 3, configuration: configuration(extents: extents, channels: 3), using: &numbers)
        let inputs = [
            numbers.tensor([2, 3] + extents), numbers.tensor([kernelCount, 3] + extents.map { _ in 3 }),
        ]
        let mismatches = branch.gradientMismatches(inputs: inputs) { branch, inputs in
            var pass = ForwardPass()
            return branch(inputs[0], kernels: inputs[1], in: &pass)
        }
        #expect(mismatches == [])
    }

    @Test(arguments: [GlobalInteraction.convolution(.centred), .convolution(.causal), .matrixProduct])
    func ofTheGlobalInteraction(interaction: GlobalInteraction) {
        var numbers = seededNumbers(7)
        let shape = interaction == .matrixProduct ? [2, 3, 4, 4] : [2, 3, 7]
        let operands = (0..<3).map { _ in numbers.tensor(shape) }
        let mismatches = gradientMismatches(of: operands) {
            .concatenated(interaction([$0[0], $0[1]], contextKernel: $0[2]), alongAxis: 1)
        }
        #expect(mismatches == [])
    }

    @Test(
        arguments: [GlobalInteraction.convolution(.centred), .convolution(.causal), .matrixProduct],
        [GateOrder.beforeStandardization, .afterStandardization])
    func ofTheBlock(interaction: GlobalInteraction, gateOrder: GateOrder) {
        var numbers = seededNumbers(8)
        let extents = interaction == .matrixProduct ? [6, 6] : [13]
        var configuration = configuration(extents: extents, channels: 4)
        configuration.globalInteraction = interaction
        configuration.gateOrder = gateOrder
        var block = SlowFastBlock(
            BlockConfiguration(channels: 4, expansion: 2, skips: [0, 1]), in: configuration, using: &numbers)
        block.disturb(deviation: 0.1, using: &numbers)
        for branch in block.localSlowNets.indices { block.localSlowNets[branch].keepDifferentiableTermOnly() }
        let inputs = [
            numbers.tensor([3, 4] + extents), numbers.tensor([3, 2] + extents),
            numbers.tensor([3, 4] + extents),
        ]
        let mismatches = block.joinedGradientMismatches(inputs: inputs, step: 0x1p-7, roundings: 64) {
            block, inputs in
            var pass = ForwardPass()
            let (output, kernel) = block(inputs[0], skips: [inputs[1], inputs[2]], in: &pass)
            return .concatenated(
                [output.reshaped(to: [output.count]), kernel.reshaped(to: [kernel.count])], alongAxis: 0)
        }
        #expect(mismatches == [])
    }

    /// Whole blocks of causal networks, on as many samples as they were made for and on more.
    @Test(arguments: [SequenceStatistics.prefix, .frozen], [13, 16])
    func ofTheCausalBlock(form: SequenceStatistics, length: Int) {
        var numbers = seededNumbers(22)
        let configuration = configuration(extents: [13], channels: 4).causal(statistics: form)
        var block = SlowFastBlock(
            BlockConfiguration(channels: 4, expansion: 2, skips: [0]), in: configuration, using: &numbers)
        block.disturb(deviation: 0.1, using: &numbers)
        for branch in block.localSlowNets.indices { block.localSlowNets[branch].keepDifferentiableTermOnly() }
        let inputs = [numbers.tensor([3, 4, length]), numbers.tensor([3, 2, length])]
        let mismatches = block.joinedGradientMismatches(inputs: inputs, step: 0x1p-7, roundings: 64) {
            block, inputs in
            var pass = Self.smoothPass(form)
            return block(inputs[0], skips: [inputs[1]], in: &pass).output
        }
        #expect(mismatches == [])
    }

    /// Whole blocks on sequences of different lengths, with the statistics of the batch; behind an end gradients are 0.
    @Test(arguments: [
        (SequenceStatistics.whole, LocalContext.batchMean), (.whole, .perSample), (.prefix, .perSample),
        (.frozen, .batchMean),
    ])
    func ofTheBlockWithLengths(form: SequenceStatistics, context: LocalContext) {
        var numbers = seededNumbers(9)
        var configuration = configuration(extents: [13], channels: 4)
        configuration.localContext = context
        if form != .whole { configuration = configuration.causal(statistics: form) }
        var block = SlowFastBlock(
            BlockConfiguration(channels: 4, expansion: 2, skips: [0]), in: configuration, using: &numbers)
        block.disturb(deviation: 0.1, using: &numbers)
        for branch in block.localSlowNets.indices { block.localSlowNets[branch].keepDifferentiableTermOnly() }
        let lengths = [13, 9, 11]
        func output(_ block: SlowFastBlock, _ inputs: [Tensor]) -> Tensor {
            var pass = Self.smoothPass(form)
            pass.lengths = lengths
            return block(inputs[0].masked(toLengths: lengths), skips: [inputs[1]], in: &pass).output
                .masked(toLengths: lengths)
        }
        let inputs = [numbers.tensor([3, 4, 13]), numbers.tensor([3, 2, 13])]
        #expect(block.joinedGradientMismatches(inputs: inputs, step: 0x1p-7, roundings: 64, output) == [])

        let (_, gradient) = valueAndGradient(at: Operands(tensors: inputs)) {
            output(block, $0.tensors).squared().sum()
        }
        for name in ["0", "1"] {
            let own = gradient[name].masked(toLengths: lengths)
            #expect(gradient[name].scalars == own.scalars)
        }
    }

    /// A standardization of two samples is a step as wide as √ε, too steep for differences.
    private static func smoothPass(_ form: SequenceStatistics) -> ForwardPass {
        var pass = ForwardPass(form)
        pass.prefixEpsilon = 0.5
        return pass
    }

    @Test(arguments: [SlowNeuralLossForm.tiled, .channelSums])
    func ofTheSlowNeuralLoss(form: SlowNeuralLossForm) {
        var numbers = seededNumbers(9)
        let kernels = [numbers.tensor([2, 5]), numbers.tensor([4, 5]), numbers.tensor([4, 5])]
        #expect(gradientMismatches(of: kernels) { slowNeuralLoss(kernels: $0, form: form) } == [])
    }
}

extension LocalSlowNet {
    /// Finite differences know nothing of stopped gradients: leaves the renormalization without the stopped one.
    fileprivate mutating func keepDifferentiableTermOnly() {
        for layer in renormalizations.indices {
            renormalizations[layer].trained = Tensor(shape: [2], scalars: [0, 0.8])
        }
    }
}
