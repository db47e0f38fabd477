/// An operand in memory with strides, NaN between its elements.
final class StridedMemory<Scalar: BinaryFloatingPoint> {
    let counts: [Int]
    let strides: [Int]
    private let memory: UnsafeMutableBufferPointer<Scalar>
    private let origin: Int

    /// Where element (0, 0, 0) lies.
    var pointer: UnsafeMutablePointer<Scalar> { memory.baseAddress! + origin }

    /// - Parameter strides: `nil` for a contiguous batch.
    init(counts: [Int], strides: [Int]?) {
        var contiguous = counts
        var product = 1
        for axis in counts.indices.reversed() {
            contiguous[axis] = product
            product *= max(counts[axis], 1)
        }
        self.counts = counts
        self.strides = strides ?? contiguous
        let reaches = zip(counts, self.strides).map { max($0 - 1, 0) * $1 }
        origin = -reaches.filter { $0 < 0 }.reduce(0, +)
        memory = .allocate(capacity: origin + reaches.filter { $0 > 0 }.reduce(0, +) + 1)
        memory.initialize(repeating: .nan)
    }

    deinit { memory.deallocate() }

    /// The offsets of all elements, in row-major order.
    private var offsets: [Int] {
        zip(counts, strides).reduce([origin]) { offsets, axis in
            offsets.flatMap { offset in (0..<axis.0).map { offset + $0 * axis.1 } }
        }
    }

    /// Sets all elements, in row-major order; of those that share a place the last one counts.
    func write(_ values: some Sequence<Scalar>) {
        for (offset, value) in zip(offsets, values) { memory[offset] = value }
    }

    /// All elements, in row-major order.
    var values: [Double] { offsets.map { Double(memory[$0]) } }

    /// All elements, in row-major order.
    var scalars: [Scalar] { offsets.map { memory[$0] } }

    /// Whether nothing between the elements was written.
    var isUntouchedElsewhere: Bool {
        let elements = Set(offsets)
        return memory.indices.allSatisfy { elements.contains($0) || memory[$0].isNaN }
    }
}

/// Random strides: axes in any order, with gaps, backwards.
///
/// - Parameter repeats: Whether elements may be repeated along an axis.
func randomStrides(
    _ counts: [Int], repeats: Bool, using generator: inout some RandomNumberGenerator
) -> [Int] {
    var strides = counts
    var step = Int.random(in: 1...2, using: &generator)
    // Half of them with contiguous rows, which the engine takes where they lie.
    let hasRows = Bool.random(using: &generator)
    if hasRows { step = 1 }
    var order = Array(counts.indices.shuffled(using: &generator))
    if hasRows { order = order.filter { $0 < 2 } }
    let axes = hasRows ? counts.indices.dropFirst(2).reversed() + order : order
    for axis in axes {
        strides[axis] = step
        step = step * max(counts[axis], 1)
        if !hasRows || axis < 2 {
            step += Int.random(in: 0...2, using: &generator)
            if Int.random(in: 0..<4, using: &generator) == 0 { strides[axis] = -strides[axis] }
        }
    }
    if repeats, Int.random(in: 0..<4, using: &generator) == 0 {
        strides[Int.random(in: counts.indices, using: &generator)] = 0
    }
    return strides
}
