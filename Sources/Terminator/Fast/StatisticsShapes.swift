extension Network {
    /// The name and shape of everything that a pass takes over its batch (``BatchStatistics``).
    package var statisticsShapes: [String: [Int]] {
        let ones = configuration.extents.map { _ in 1 }
        var shapes: [String: [Int]] = [:]
        for (index, block) in configuration.blocks.enumerated() {
            func addMoments(_ name: String, channels: Int) {
                shapes["blocks.\(index).\(name).mean"] = [1, channels] + ones
                shapes["blocks.\(index).\(name).variance"] = [1, channels] + ones
            }
            addMoments("bottleneck", channels: block.outputChannels)
            for (branch, size) in configuration.localKernelSizes.enumerated() {
                addMoments("localBranches.\(branch).mixed", channels: block.channels)
                if configuration.localContext == .batchMean {
                    shapes["blocks.\(index).localSlowNets.\(branch).context"] =
                        [1, configuration.localSlowNet.hidden] + ones.map { _ in size }
                }
            }
        }
        return shapes
    }
}
