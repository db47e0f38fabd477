import Runtime
import Tensors

extension DataSet {
    /// The sequences permuted along their spatial axis, the same way for all samples and channels: position `p` of the
    /// result is position `order[p]` of the original.
    ///
    /// - Parameter order: a permutation of the positions.
    public func permuted(by order: [Int]) -> DataSet {
        let length = sampleShape[1...].reduce(1, *)
        require(
            sampleShape.count == 2 && order.sorted() == Array(0..<length),
            "expected sequences and each of their places once, got samples of shape \(sampleShape) and an order of "
                + "\(order.count) places")
        let permuted = [UInt8](unsafeUninitializedCapacity: bytes.count) { permuted, count in
            bytes.withUnsafeBufferPointer { bytes in
                for row in stride(from: 0, to: bytes.count, by: length) {
                    for (place, source) in order.enumerated() { permuted[row + place] = bytes[row + source] }
                }
            }
            count = bytes.count
        }
        return DataSet(
            sampleShape: sampleShape, scalars: .bytes(permuted), task: task, targets: targets)
    }

    /// The sequences permuted by a random permutation with the given seed.
    public func permuted(seed: UInt64) -> DataSet {
        var randomNumbers = RandomNumbers(seed: seed)
        return permuted(by: randomNumbers.permutation(of: sampleShape[1...].reduce(1, *)))
    }
}
