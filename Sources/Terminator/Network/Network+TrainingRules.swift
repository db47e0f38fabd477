import Tensors

extension Network {
    /// The rules of the global slow nets' parameters that have a learning rate or weight decay of their own, by name; the
    /// rates are those of ``NetworkConfiguration/globalKernel``.
    public var trainingRules: [String: TrainingRule] {
        let rates = configuration.globalKernel.rates
        var rules: [String: TrainingRule] = [:]
        for (index, block) in blocks.enumerated() {
            let net = block.globalSlowNet
            for (path, _) in net.parametersByPath {
                rules[NetworkPath.blocks(index, .globalSlowNet(path)).name] = net.trainingRule(
                    of: path, rates: rates)
            }
        }
        return rules
    }
}
