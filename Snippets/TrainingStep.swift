import Tensors
import Terminator

// A network for 16x16 images in three channels and ten classes. All that is random follows from the seed.
var randomNumbers = RandomNumbers(seed: 1)
let configuration = NetworkConfiguration(
    extents: [16, 16], inputChannels: 3, classCount: 10,
    blocks: [
        BlockConfiguration(channels: 3, expansion: 4),
        BlockConfiguration(channels: 12, expansion: 2),
    ])
var network = Network(configuration, using: &randomNumbers)
var optimizer = Kar.kar3()

// Eight images: noise, for want of data.
let images = Tensor(shape: [8, 3, 16, 16], normalWithDeviation: 1, using: &randomNumbers)
let labels = [0, 1, 2, 3, 4, 5, 6, 7]

var losses: [Float] = []
for _ in 1...5 {
    let (loss, gradient, output) = valueAndGradient(at: network) { network in
        let output = network(images, dropout: &randomNumbers)
        let crossEntropy = output.logits.crossEntropy(labels: labels, smoothing: 0.09)
        return (crossEntropy + slowNeuralLoss(kernels: output.kernels), output)
    }
    optimizer.update(&network, along: gradient, rate: 0.001)
    network.updateStatistics(from: output)
    losses.append(loss.scalar)
}

print("the loss falls:", losses[4] < losses[0])
print("logits:", network(images).logits.shape)
