import Tensors
import Terminator

// The network of the comparison: 784 pixels in a row, three blocks of 12 channels.
var configuration = NetworkConfiguration.sequentialMNIST
configuration.blocks[1].expansion = 1
configuration.blocks[2].channels = 12
configuration.blocks[2].expansion = 1
configuration.globalKernel.window = .none

// One word chooses its kernels. What do they cost in parameters?
for kind in SlowNetKind.allCases {
    configuration.globalSlowNet = kind
    var randomNumbers = RandomNumbers(seed: 1)
    let network = Network(configuration, using: &randomNumbers)
    let inKernels = network.blocks.map { $0.globalSlowNet.parameterCount }.reduce(0, +)
    print("\(kind): \(inKernels) of \(network.parameterCount)")
}
