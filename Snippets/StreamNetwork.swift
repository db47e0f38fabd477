import Tensors
import Terminator

// A network for sequences of 64 samples, in its causal form.
var randomNumbers = RandomNumbers(seed: 1)
let network = Network(.digits(form: .sequence).causal(), using: &randomNumbers)

// All positions at once ...
let sequence = Tensor(shape: [1, 1, 64], normalWithDeviation: 1, using: &randomNumbers)
let whole = network.logitsAtPositions(of: sequence)
print("logits at every position:", whole.shape)

// ... and one after the other.
var stream = try StreamingNetwork(network)
var largestDifference: Float = 0
for (position, sample) in sequence.scalars.enumerated() {
    for (index, logit) in stream.step([sample]).enumerated() {
        largestDifference = max(largestDifference, abs(logit - whole.scalars[64 * index + position]))
    }
}
print("the same but for rounding:", largestDifference < 1e-4)
