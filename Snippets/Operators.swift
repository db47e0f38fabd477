import Convolution
import Tensors

var randomNumbers = RandomNumbers(seed: 1)
func random(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, normalWithDeviation: 1, using: &randomNumbers)
}
let (batch, channels, length) = (2, 3, 100)
let u = random([batch, channels, length])

// Hyena: y = outputGate * (kernel * (inputGate u) + skip (inputGate u)), in one call, with all gradients.
let hyena = u.gatedLongConvolution(
    kernel: random([channels, length]), boundary: .causal, skip: random([channels]),
    inputGate: random(u.shape), outputGate: random(u.shape))

// S4 in both directions: a kernel into the past, and one into the future that leaves out the present.
let bothWays = u.longConvolution(
    kernel: .bidirectionalKernel(
        forward: random([channels, length]), backward: random([channels, length]), lag: 1),
    boundary: .centred)

// Two sequences of different lengths in one batch: what pads the second has no effect.
let ragged = u.gatedLongConvolution(
    kernel: random([channels, length]), boundary: .causal, lengths: [100, 60])
let padding = ragged.slice(alongAxis: 0, 1..<2).slice(alongAxis: 2, 60..<100)

print(hyena.shape, bothWays.shape, padding.scalars.allSatisfy { $0 == 0 })
