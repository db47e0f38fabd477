import Tensors
import Terminator

// A network for sequences of 33 samples whose global kernels are made by SIRENs: one word says so.
var configuration = NetworkConfiguration(
    extents: [33], inputChannels: 1, classCount: 2,
    blocks: [BlockConfiguration(channels: 1, expansion: 12)])
configuration.globalSlowNet = .siren
var randomNumbers = RandomNumbers(seed: 1)
let network = Network(configuration, using: &randomNumbers)

// A kernel is a function on -1...1, sampled. Every second sample of the finer one is one of the coarse one.
let slowNet = network.blocks[0].globalSlowNet
let coarse = slowNet.kernel().scalars
let fine = slowNet.kernel(extents: [65]).scalars
print("the same function:", (0..<33).allSatisfy { abs(fine[2 * $0] - coarse[$0]) < 1e-4 })

// So the network reads the same signal at twice the sampling rate.
let signal = Tensor(shape: [1, 1, 33], normalWithDeviation: 1, using: &randomNumbers)
print("logits:", network(signal.resampled(to: [65])).logits.shape)
