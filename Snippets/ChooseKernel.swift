import Tensors
import Terminator

// The kernels of S4D for sequences of 64 samples, each faded by a Gaussian window of a learned width.
var configuration = NetworkConfiguration(
    extents: [64], inputChannels: 1, classCount: 2,
    blocks: [BlockConfiguration(channels: 1, expansion: 12)])
configuration.globalSlowNet = .diagonalStateSpace
configuration.globalKernel.window = .gaussian(width: 0.5)
configuration.globalInteraction = .convolution(.causal)
configuration.globalHidden = 16
var randomNumbers = RandomNumbers(seed: 1)
let network = Network(configuration, using: &randomNumbers)

// What is trained more slowly, or without weight decay.
for (name, rule) in network.trainingRules.sorted(by: { $0.key < $1.key }) {
    print(name, "has the rate times", rule.rateFactor)
}

// A state space changes its resolution exactly: two samples at half the step make one.
let stateSpace = DiagonalStateSpace(extents: [64], outputs: 1, modes: 16, using: &randomNumbers)
let coarse = stateSpace.kernel().scalars
let fine = stateSpace.kernel(extents: [128]).scalars.map { $0 / 2 }
print("the same integral:", (0..<64).allSatisfy { abs(fine[2 * $0] + fine[2 * $0 + 1] - coarse[$0]) < 1e-5 })
