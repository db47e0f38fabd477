extension NetworkConfiguration {
    /// Checks that the configuration makes a network. Call it on configurations from outside.
    ///
    /// - Throws: ``ConfigurationError`` with every violation.
    public func validate() throws(ConfigurationError) {
        var rules = Rules()
        validateSizes(&rules)
        validateChoices(&rules)
        validateStatistics(&rules)
        validateGlobalKernel(&rules)
        rules.expect(
            (1...1 << 10).contains(blocks.count), "blocks", "1 to 1024 blocks", found: blocks.count)
        for index in blocks.indices.prefix(1 << 10) { validateBlock(index, &rules) }
        try rules.throwIfBroken()
        validateNetworkSize(&rules)
        try rules.throwIfBroken()
    }

    /// Refuses networks that no machine could hold; the single fields must be valid.
    private func validateNetworkSize(_ rules: inout Rules) {
        let size = NetworkSize(of: self)
        rules.expect(
            size.parameterCount <= Double(NetworkSize.largestParameterCount), "",
            "a network of at most \(NetworkSize.largestParameterCount) parameters",
            found: "about \(Float(size.parameterCount)) from the hidden channels, layers, blocks and extents")
        rules.expect(
            size.largestMap <= Double(NetworkSize.largestMapCount), "",
            "maps of at most \(NetworkSize.largestMapCount) numbers, channels or hidden channels times positions",
            found: "\(Float(size.largestMap))")
        rules.expect(
            size.layerCount <= NetworkSize.largestLayerCount, "",
            "at most \(NetworkSize.largestLayerCount) layers in all slow nets", found: size.layerCount)
    }

    private func validateSizes(_ rules: inout Rules) {
        rules.expect((1...2).contains(extents.count), "extents", "1 or 2 spatial extents", found: extents)
        // The bound keeps the product of two extents within an Int.
        rules.expect(
            extents.allSatisfy { (1...1 << 24).contains($0) }, "extents", "extents from 1 to 16777216",
            found: extents)
        rules.expectSize(inputChannels, "inputChannels")
        rules.expectSize(classCount, "classCount")
        rules.expectSize(globalHidden, "globalHidden")
        rules.expectSize(localSlowNet, "localSlowNet")
        rules.expect(
            localKernelSizes.count == SlowFastBlock.localBranchCount, "localKernelSizes",
            "\(SlowFastBlock.localBranchCount) sizes", found: localKernelSizes)
        rules.expect(
            localKernelSizes.allSatisfy { (1...1 << 10).contains($0) && $0 % 2 == 1 }, "localKernelSizes",
            "odd sizes from 1 to 1023", found: localKernelSizes)
        rules.expectSize(channelSlowNet, "channelSlowNet")
        rules.expectSize(interactionChannelSlowNet, "interactionChannelSlowNet")
        rules.expectSize(interactionSpatialSlowNet, "interactionSpatialSlowNet")
        rules.expectSize(standardizationGroups, "standardizationGroups")
    }

    private func validateChoices(_ rules: inout Rules) {
        switch globalInteraction {
        case .matrixProduct:
            rules.expect(
                extents.count == 2 && extents.first == extents.last, "globalInteraction",
                "square images for the matrix product", found: "extents \(extents)")
        case .convolution(.causal):
            rules.expect(
                extents.count == 1, "globalInteraction", "one spatial axis for the causal convolution",
                found: "extents \(extents)")
        case .convolution(.centred): break
        }
        switch frequencies {
        case .gamma(let omega):
            rules.expect(
                omega.isFinite && omega >= 0, "frequencies.gamma.omega", "a finite number of at least 0",
                found: omega)
            rules.expect(
                globalSlowNet.takesGammaFrequencies, "frequencies",
                "belowNyquist for the slow net \(globalSlowNet.rawValue)", found: "gamma")
        case .belowNyquist(let fraction):
            rules.expect(
                fraction.isFinite && fraction >= 0, "frequencies.belowNyquist.fraction",
                "a finite number of at least 0", found: fraction)
        }
        rules.expect(
            renormalization.alpha.isFinite, "renormalization.alpha", "a finite number",
            found: renormalization.alpha)
        rules.expect(
            renormalization.beta.isFinite, "renormalization.beta", "a finite number",
            found: renormalization.beta)
    }

    private func validateBlock(_ index: Int, _ rules: inout Rules) {
        let block = blocks[index]
        let name = "blocks[\(index)]"
        let inputs = index == 0 ? inputChannels : blocks[index - 1].boundedOutputChannels
        rules.expect(
            block.channels == inputs, "\(name).channels",
            "\(inputs), the channels of \(index == 0 ? "the input" : "the output of blocks[\(index - 1)]")",
            found: block.channels)
        rules.expectSize(block.expansion, "\(name).expansion")
        let outputs = block.boundedOutputChannels
        rules.expect(
            outputs <= Rules.largestSize, name, "up to \(Rules.largestSize) output channels",
            found: "\(block.channels) times \(block.expansion)")
        rules.expect(
            standardizationGroups < 1 || outputs % standardizationGroups == 0, name,
            "output channels in \(standardizationGroups) equal groups", found: outputs)
        rules.expectSize(block.globalLayers, "\(name).globalLayers")
        validateSkips(of: block, index, &rules)
        rules.expect(
            block.dropout >= 0 && block.dropout < 1, "\(name).dropout",
            "a probability of at least 0 and below 1", found: block.dropout)
    }

    private func validateSkips(of block: BlockConfiguration, _ index: Int, _ rules: inout Rules) {
        let name = "blocks[\(index)].skips"
        rules.expect(
            block.skips.count <= SlowFastBlock.largestSkipCount, name,
            "at most \(SlowFastBlock.largestSkipCount) blocks", found: block.skips)
        rules.expect(
            block.skips.allSatisfy { (0..<index).contains($0) }, name,
            index == 0 ? "no blocks, as there is none before the first" : "blocks from 0 to \(index - 1)",
            found: block.skips)
        for skip in block.skips where (0..<index).contains(skip) {
            let outputs = blocks[skip].boundedOutputChannels
            rules.expect(
                outputs >= 1 && block.channels % outputs == 0, name,
                "blocks whose output channels divide \(block.channels)",
                found: "\(outputs) of blocks[\(skip)]")
        }
    }
}

extension BlockConfiguration {
    /// ``outputChannels``; the largest number where the product overflows.
    fileprivate var boundedOutputChannels: Int {
        let (product, overflow) = channels.multipliedReportingOverflow(by: expansion)
        return overflow ? .max : product
    }
}

/// A collector of violations.
struct Rules {
    /// The largest number of channels, classes, groups or layers.
    static let largestSize = 1 << 16

    private var violations: [ConfigurationError.Violation] = []

    mutating func expect<Found>(
        _ isMet: Bool, _ field: String, _ expected: @autoclosure () -> String,
        found: @autoclosure () -> Found
    ) {
        guard !isMet else { return }
        let found = abbreviated("\(found())", to: 200)
        violations.append(.init(field: field, problem: "expected \(expected()), found \(found)"))
    }

    mutating func expectSize(_ size: Int, _ field: String) {
        expect((1...Self.largestSize).contains(size), field, "1 to \(Self.largestSize)", found: size)
    }

    mutating func expectSize(_ size: SlowNetSize, _ field: String) {
        expectSize(size.hidden, "\(field).hidden")
        expectSize(size.layers, "\(field).layers")
    }

    func throwIfBroken() throws(ConfigurationError) {
        if !violations.isEmpty { throw ConfigurationError(violations) }
    }
}
