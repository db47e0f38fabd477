import Runtime
import Tensors

/// Changes a training batch in ways that leave its labels right; what is random is drawn from the generator.
public typealias Augmentation = @Sendable (_ batch: inout Batch, _ randomNumbers: inout RandomNumbers) -> Void

extension Batch {
    /// Shifts every sample along each spatial axis by a whole number of places, drawn evenly from -`distance` to
    /// `distance`. What enters at the edges repeats the edge.
    public mutating func shiftSpatially(upTo distance: Int, using randomNumbers: inout RandomNumbers) {
        require(distance >= 0, "a distance is at least 0, got \(distance)")
        let channels = inputs.shape[1]
        let extents = Array(inputs.shape[2...])
        let size = extents.reduce(1, *)
        let original = inputs
        inputs = Tensor(shape: original.shape) { shifted in
            original.withScalars { scalars in
                for sample in 0..<count {
                    let shifts = extents.map { _ in
                        Int(randomNumbers.next() % UInt64(2 * distance + 1)) - distance
                    }
                    let sources = (0..<size).map { source(of: $0, extents: extents, shifts: shifts) }
                    for channel in 0..<channels {
                        let start = (sample * channels + channel) * size
                        for place in 0..<size { shifted[start + place] = scalars[start + sources[place]] }
                    }
                }
            }
        }
    }

    /// Mirrors half of the samples, drawn at random, along the last axis: left becomes right.
    public mutating func mirrorAtRandom(using randomNumbers: inout RandomNumbers) {
        let width = inputs.shape[inputs.rank - 1]
        let rowsPerSample = inputs.count / count / width
        let original = inputs
        inputs = Tensor(shape: original.shape) { mirrored in
            original.withScalars { scalars in
                for sample in 0..<count {
                    // The upper bits are the better ones of this generator.
                    let isMirrored = randomNumbers.next() >> 63 == 1
                    for row in sample * rowsPerSample..<(sample + 1) * rowsPerSample {
                        let start = row * width
                        for place in 0..<width {
                            mirrored[start + place] =
                                scalars[start + (isMirrored ? width - 1 - place : place)]
                        }
                    }
                }
            }
        }
    }

    /// The place that moves to `place`, in row-major order, each coordinate kept within its extent.
    private func source(of place: Int, extents: [Int], shifts: [Int]) -> Int {
        var rest = place
        var stride = 1
        var source = 0
        for axis in extents.indices.reversed() {
            let coordinate = rest % extents[axis] - shifts[axis]
            source += Swift.min(Swift.max(coordinate, 0), extents[axis] - 1) * stride
            rest /= extents[axis]
            stride *= extents[axis]
        }
        return source
    }
}
