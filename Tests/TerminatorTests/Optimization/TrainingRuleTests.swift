import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Parameters with a learning rate or weight decay of their own.
@Suite struct TrainingRuleTests {
    private func configuration(
        _ kind: SlowNetKind, window: KernelWindow = .published
    ) -> NetworkConfiguration {
        var configuration = smallConfiguration()
        configuration.globalSlowNet = kind
        configuration.globalKernel.window = window
        return configuration
    }

    private let prefix = "blocks.1.globalSlowNet."

    private func rules(_ configuration: NetworkConfiguration) -> [String: TrainingRule] {
        let own = network(configuration).trainingRules.filter { $0.key.hasPrefix(prefix) }
        return Dictionary(
            uniqueKeysWithValues: own.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }

    private func rule(_ rateFactor: Float, decays: Bool = false) -> TrainingRule {
        TrainingRule(rateFactor: rateFactor, decays: decays)
    }

    @Test func areThePublished() {
        #expect(
            rules(configuration(.diagonalStateSpace)) == [
                "logStep": rule(0.1), "logDecay": rule(0.1), "frequency": rule(0.1),
            ])
        #expect(rules(configuration(.explicit)) == ["kernel": rule(0.1)])
        #expect(rules(configuration(.multiscale))["scales.0"] == rule(0.1, decays: true))
        let hyena = rules(configuration(.hyena))
        #expect(hyena["window.decays"] == rule(0) && hyena["first.weight"] == rule(1))
        #expect(rules(configuration(.magnet)) == [:])
        #expect(rules(configuration(.siren, window: .gaussian(width: 1))) == ["window.logWidths": rule(0.1)])
    }

    @Test func areTheConfigurations() {
        var changed = configuration(.diagonalStateSpace, window: .exponential(ExponentialDecay()))
        changed.globalKernel.rates.dynamics = 0.5
        changed.globalKernel.rates.decays = 2
        #expect(
            rules(changed) == [
                "logStep": rule(0.5), "logDecay": rule(0.5), "frequency": rule(0.5), "window.decays": rule(2),
            ])
    }

    /// The first step of Kar moves each scalar by the rate times its factor, that of Adam by nearly as much; without a
    /// gradient only weights shrink, and none that has no weight decay.
    @Test func optimizersHonorThem() {
        var changed = configuration(.hyena)
        changed.globalKernel.rates.decays = 0.5
        for configuration in [changed, configuration(.diagonalStateSpace), configuration(.explicit)] {
            check(Kar.kar3(), on: network(configuration), tolerance: 0)
            // m / (√v + ε) is 1 but for ε of 10⁻⁸ and some roundings.
            check(Adam(), on: network(configuration), tolerance: 16 * Double(Float.ulpOfOne))
            check(decay: Kar.kar3(weightDecay: 0.5), on: network(configuration)) { $0.isWeight }
            check(decay: Adam(weightDecay: 0.5), on: network(configuration)) { _ in true }
        }
    }

    private func check(
        _ optimizer: some Optimizer, on before: Network, tolerance: Double,
        from location: SourceLocation = #_sourceLocation
    ) {
        var (after, optimizer) = (before, optimizer)
        let (_, gradient) = valueAndGradient(at: before) { network in
            network.parameters.reduce(Tensor(0)) { $0 + $1.tensor.sum() }
        }
        optimizer.update(&after, along: gradient, rate: 0.25)
        let rules = before.trainingRules
        #expect(!rules.isEmpty)
        for (old, new) in zip(before.parameters, after.parameters) {
            let step = 0.25 * (rules[old.name]?.rateFactor ?? 1)
            let expected = old.tensor.scalars.map { Double($0 - step) }
            let error = tolerance * (largestMagnitude(expected) + 1)
            #expect(
                largestDifference(new.tensor.scalars, expected) <= error, "\(old.name)",
                sourceLocation: location)
        }
    }

    private func check(
        decay optimizer: some Optimizer, on before: Network, shrinks: (NetworkPath) -> Bool
    ) {
        var (after, optimizer) = (before, optimizer)
        optimizer.update(&after, along: .zero(for: before), rate: 0.5)
        let rules = before.trainingRules
        for (old, new) in zip(before.parametersByPath, after.parametersByPath) {
            let rule = rules[old.path.name] ?? rule(1, decays: true)
            let factor = shrinks(old.path) && rule.decays ? 1 - 0.25 * rule.rateFactor : 1
            // The products that are rounded once or twice.
            let expected = old.tensor.scalars.map { Double($0 * factor) }
            #expect(
                largestDifference(new.tensor.scalars, expected) <= floatEpsilon * largestMagnitude(expected),
                "\(old.path.name)")
        }
    }
}
