import Terminator

/// What a network consists of and the memory to train it, for readers of JSON.
struct NetworkSummary: Encodable {
    /// A block.
    struct Block: Encodable {
        let channels: Int
        let outputChannels: Int
        /// The numbers of the blocks whose outputs it reads too.
        let skips: [Int]
        let dropout: Float
        let parameters: Int
    }

    let event = "info"
    let extents: [Int]
    let localKernelSizes: [Int]
    let blocks: [Block]
    let parameters: Int
    let slowParameters: Int
    /// The number of parameters of each part of the network.
    let parameterGroups: [String: Int]
    let batchSize: Int
    /// The memory to train with batches of that size, beside the data.
    let trainingBytes: Int

    init(of network: Network, batchSize: Int, trainingBytes: Int) {
        let configuration = network.configuration
        extents = configuration.extents
        localKernelSizes = configuration.localKernelSizes
        blocks = configuration.blocks.enumerated().map { index, block in
            Block(
                channels: block.channels, outputChannels: block.outputChannels, skips: block.skips,
                dropout: block.dropout, parameters: network.parameterCount(ofBlock: index))
        }
        parameters = network.parameterCount
        slowParameters = network.slowParameterCount
        let counts = network.parameterCounts
        parameterGroups = Dictionary(
            uniqueKeysWithValues: ParameterGroup.allCases.map { ("\($0)", counts[$0] ?? 0) })
        self.batchSize = batchSize
        self.trainingBytes = trainingBytes
    }
}
