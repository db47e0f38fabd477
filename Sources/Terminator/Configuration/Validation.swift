/// What is wrong with a network's configuration.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// What was expected and what was found, in one sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension NetworkConfiguration {
    /// Checks that a network can be made from the configuration: to be called on one that comes from outside.
    ///
    /// - Throws: the first thing that is wrong.
    public func validate() throws(ConfigurationError) {
        try expect((1...2).contains(extents.count), "expected 1 or 2 spatial extents, found \(extents)")
        try expect(extents.allSatisfy { $0 >= 1 }, "expected extents of at least 1, found \(extents)")
        // Keeps every product of sizes within an Int.
        try expect(extents.allSatisfy { $0 <= 1 << 24 }, "expected extents up to 16777216, found \(extents)")
        try validateCount(inputChannels, "input channels")
        try validateCount(classCount, "classes")
        try validateCount(standardizationGroups, "standardization groups")
        try validateCount(globalHidden, "hidden channels")
        for size in [localSlowNet, channelSlowNet, interactionChannelSlowNet, interactionSpatialSlowNet] {
            try validateCount(size.hidden, "hidden channels")
            try validateCount(size.layers, "layers of a slow net")
        }
        try expect(
            localKernelSizes.count == SlowFastBlock.localBranchCount
                && localKernelSizes.allSatisfy { $0 >= 1 && $0 % 2 == 1 && $0 <= 1 << 10 },
            "expected \(SlowFastBlock.localBranchCount) odd local kernel sizes, found \(localKernelSizes)")
        try validateChoices()
        try expect(!blocks.isEmpty, "expected at least one block")
        try expect(blocks.count <= 1 << 10, "expected at most 1024 blocks, found \(blocks.count)")
        for index in blocks.indices { try validateBlock(index) }
    }

    private func validateChoices() throws(ConfigurationError) {
        switch globalInteraction {
        case .matrixProduct:
            try expect(
                extents.count == 2 && extents.first == extents.last,
                "expected a square image for the matrix product, found the extents \(extents)")
        case .convolution(.causal):
            try expect(
                extents.count == 1, "expected one spatial axis for a causal convolution, found \(extents)")
        case .convolution(.centred): break
        }
        if case .running(let momentum) = evaluationStatistics {
            try expect(momentum > 0 && momentum <= 1, "expected a momentum in 0 <... 1, found \(momentum)")
        }
        try expect(
            renormalization.alpha.isFinite && renormalization.beta.isFinite,
            "expected finite constants of the renormalization, found \(renormalization)")
        switch frequencies {
        case .gamma(let scale), .belowNyquist(let scale):
            try expect(scale.isFinite && scale >= 0, "expected a finite scale of frequencies, found \(scale)")
        }
        if case .gamma = frequencies {
            try expect(
                globalSlowNet.takesGammaFrequencies,
                "expected frequencies below Nyquist's for the slow net \(globalSlowNet.rawValue), found \(frequencies)"
            )
        }
    }

    private func validateBlock(_ index: Int) throws(ConfigurationError) {
        let block = blocks[index]
        let channels = index == 0 ? inputChannels : blocks[index - 1].outputChannels
        try expect(
            block.channels == channels,
            "expected \(channels) channels into block \(index), found \(block.channels)")
        try validateCount(block.expansion, "times the channels out of block \(index)")
        try validateCount(block.outputChannels, "channels out of block \(index)")
        try validateCount(block.globalLayers, "layers of block \(index)'s slow net")
        try expect(
            block.outputChannels % standardizationGroups == 0,
            "expected channels out of block \(index) in \(standardizationGroups) equal groups, found \(block.outputChannels)"
        )
        try expect(
            block.dropout >= 0 && block.dropout < 1,
            "expected a dropout rate in 0 ..< 1 for block \(index), found \(block.dropout)")
        try expect(
            block.skips.count <= SlowFastBlock.largestSkipCount,
            "expected at most \(SlowFastBlock.largestSkipCount) skips into block \(index), found \(block.skips)"
        )
        for skip in block.skips {
            try expect(
                blocks.indices.contains(skip) && skip < index,
                "expected skips from blocks before block \(index), found \(skip)")
            try expect(
                block.channels % blocks[skip].outputChannels == 0,
                "expected a skip whose channels divide block \(index)'s \(block.channels), found \(blocks[skip].outputChannels)"
            )
        }
    }

    private func validateCount(_ count: Int, _ name: String) throws(ConfigurationError) {
        try expect((1...1 << 16).contains(count), "expected 1 to 65536 \(name), found \(count)")
    }

    private func expect(
        _ isMet: Bool, _ description: @autoclosure () -> String
    ) throws(ConfigurationError) {
        if !isMet { throw ConfigurationError(description()) }
    }
}
