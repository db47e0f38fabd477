import Tensors
import Terminator

// Two channels of eight modes, as they begin, and the same kernel as 2,000 taps.
var randomNumbers = RandomNumbers(seed: 1)
let stateSpace = DiagonalStateSpace(extents: [2000], outputs: 2, modes: 8, using: &randomNumbers)
let taps = stateSpace.kernel().scalars

// A unit sample, then silence: the stream returns the taps one by one.
var stream = stateSpace.stream()
var largestDifference: Float = 0
for time in 0..<2000 {
    let outputs = stream.push(time == 0 ? [1, 1] : [0, 0])
    for (channel, output) in outputs.enumerated() {
        largestDifference = max(largestDifference, abs(output - taps[2000 * channel + time]))
    }
}
print("the kernel's taps:", largestDifference < 1e-6)
