import Runtime
import Tensors

/// A random change of a training batch that keeps its labels valid, drawn from the given generator.
///
/// A batch may have one process's samples alone (``Batch/samples``). So that all processes change their samples as one process
/// with all of them does, draw for each sample of the whole batch (``Batch/wholeCount``), and make the result distributed as
/// the inputs were; ``Batch/shiftSpatially(upTo:using:)``, ``Batch/mirrorAtRandom(using:)`` and
/// ``Batch/eraseAtRandom(_:using:)`` do.
public typealias Augmentation = @Sendable (_ batch: inout Batch, _ randomNumbers: inout RandomNumbers) -> Void

extension Batch {
    /// Shifts every sample along each spatial axis by a whole number of samples, uniform in -`distance` ... `distance`.
    /// Edges are replicated.
    public mutating func shiftSpatially(upTo distance: Int, using randomNumbers: inout RandomNumbers) {
        require(distance >= 0, "a distance is at least 0, got \(distance)")
        let channels = inputs.shape[1]
        let extents = Array(inputs.shape[2...])
        let size = extents.reduce(1, *)
        let original = inputs
        inputs = Tensor(shape: original.shape) { shifted in
            original.withScalars { scalars in
                for index in 0..<wholeCount {
                    let shifts = extents.map { _ in
                        Int(randomNumbers.next() % UInt64(2 * distance + 1)) - distance
                    }
                    guard samples.contains(index) else { continue }
                    let sample = index - samples.lowerBound
                    let sources = (0..<size).map { source(of: $0, extents: extents, shifts: shifts) }
                    for channel in 0..<channels {
                        let start = (sample * channels + channel) * size
                        for place in 0..<size { shifted[start + place] = scalars[start + sources[place]] }
                    }
                }
            }
        }.distributed(in: original.partition)
    }

    /// Mirrors half of the samples, drawn at random, along the last axis: left becomes right.
    public mutating func mirrorAtRandom(using randomNumbers: inout RandomNumbers) {
        let width = inputs.shape[inputs.rank - 1]
        let rowsPerSample = inputs.count / count / width
        let original = inputs
        inputs = Tensor(shape: original.shape) { mirrored in
            original.withScalars { scalars in
                for index in 0..<wholeCount {
                    // The upper bits of this generator have the better quality.
                    let isMirrored = randomNumbers.next() >> 63 == 1
                    guard samples.contains(index) else { continue }
                    let sample = index - samples.lowerBound
                    for row in sample * rowsPerSample..<(sample + 1) * rowsPerSample {
                        let start = row * width
                        for place in 0..<width {
                            mirrored[start + place] =
                                scalars[start + (isMirrored ? width - 1 - place : place)]
                        }
                    }
                }
            }
        }.distributed(in: original.partition)
    }

    /// Erases each spatial position of each sample with the probability `share`, 0 ..< 1: all its channels become 0, which is the
    /// mean of normalized inputs.
    public mutating func eraseAtRandom(_ share: Float, using randomNumbers: inout RandomNumbers) {
        require(0..<1 ~= share, "expected a share of at least 0 and below 1, got \(share)")
        let channels = inputs.shape[1]
        let size = inputs.shape[2...].reduce(1, *)
        let original = inputs
        inputs = Tensor(shape: original.shape) { erased in
            original.withScalars { scalars in
                for index in 0..<wholeCount {
                    let isOwn = samples.contains(index)
                    let first = isOwn ? (index - samples.lowerBound) * channels * size : 0
                    for place in 0..<size {
                        let isErased = randomNumbers.uniform(in: 0..<1) < share
                        guard isOwn else { continue }
                        for channel in 0..<channels {
                            let element = first + channel * size + place
                            erased[element] = isErased ? 0 : scalars[element]
                        }
                    }
                }
            }
        }.distributed(in: original.partition)
    }

    /// The index that moves to `place`, in row-major order, each coordinate clamped to its extent.
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
