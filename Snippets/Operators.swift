import Convolution
import Tensors

extension RandomNumbers {
    mutating func tensor(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape, normalWithDeviation: 1, using: &self)
    }
}
var numbers = RandomNumbers(seed: 1)
let (batch, channels, length) = (2, 3, 100)
let u = numbers.tensor([batch, channels, length])

// Hyena: y = outputGate * (kernel * (inputGate u) + skip (inputGate u)), in one call, with all gradients.
let hyena = u.gatedLongConvolution(
    kernel: numbers.tensor([channels, length]), boundary: .causal, skip: numbers.tensor([channels]),
    inputGate: numbers.tensor(u.shape), outputGate: numbers.tensor(u.shape))

// S4 in both directions: a kernel into the past, and one into the future that leaves out the present.
let bothWays = u.longConvolution(
    kernel: .bidirectionalKernel(
        forward: numbers.tensor([channels, length]), backward: numbers.tensor([channels, length]), lag: 1),
    boundary: .centred)

// Two sequences of different lengths in one batch: what pads the second has no effect.
let ragged = u.gatedLongConvolution(
    kernel: numbers.tensor([channels, length]), boundary: .causal, lengths: [100, 60])
let padding = ragged.slice(alongAxis: 0, 1..<2).slice(alongAxis: 2, 60..<100)

print(hyena.shape, bothWays.shape, padding.scalars.allSatisfy { $0 == 0 })
