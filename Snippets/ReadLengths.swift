import Tensors
import Terminator

// A network for sequences of up to 64 samples.
var configuration = NetworkConfiguration(
    extents: [64], inputChannels: 1, classCount: 3,
    blocks: [BlockConfiguration(channels: 1, expansion: 12)])
configuration.evaluationStatistics = .running(momentum: 0.1)
var randomNumbers = RandomNumbers(seed: 1)
var network = Network(configuration, using: &randomNumbers)

// Two sequences, of 64 and of 40 samples, in one batch: a step of training takes their statistics.
let sequences = Tensor(shape: [2, 1, 64], normalWithDeviation: 1, using: &randomNumbers)
network.updateStatistics(from: network(sequences, lengths: [64, 40], dropout: &randomNumbers))

// The second one by itself, among 100 samples of which the last 60 are not numbers.
let second = sequences.slice(alongAxis: 0, 1..<2).slice(alongAxis: 2, 0..<40)
let padded = Tensor.concatenated([second, Tensor(shape: [1, 1, 60], repeating: .nan)], alongAxis: 2)
let logits = network(sequences, lengths: [64, 40]).logits.slice(alongAxis: 0, 1..<2)
print("the same logits:", network(padded, lengths: [40]).logits.scalars == logits.scalars)
