import Runtime
import Tensors

extension DataSet {
    /// The same sequences with their places in another order, the same for all samples and channels: place `p` of the
    /// result is place `order[p]` of the original.
    ///
    /// - Parameter order: each place of a sample's one spatial axis, once.
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
            sampleShape: sampleShape, scalars: .bytes(permuted), question: question, targets: targets)
    }

    /// The same sequences with their places in the order that `seed` gives.
    public func permuted(seed: UInt64) -> DataSet {
        var randomNumbers = RandomNumbers(seed: seed)
        return permuted(by: randomNumbers.permutation(of: sampleShape[1...].reduce(1, *)))
    }
}
