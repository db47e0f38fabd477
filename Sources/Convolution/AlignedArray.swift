/// Memory that FFTW and the vector loops like: aligned to 64 bytes. Freed with its last reference.
///
/// `@unchecked Sendable`: tables are written before they are shared and only read afterwards; a workspace belongs to
/// one call, which hands each of its parts to one worker at a time.
final class AlignedArray<Scalar>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Scalar>
    let count: Int

    /// Memory for `count` scalars of a trivial type, all zero.
    init(zeros count: Int) {
        self.count = count
        let byteCount = max(count, 1) * MemoryLayout<Scalar>.stride
        let memory = allocateMemory(byteCount: byteCount)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        pointer = memory.bindMemory(to: Scalar.self, capacity: count)
    }

    private var byteCount: Int { max(count, 1) * MemoryLayout<Scalar>.stride }

    deinit { deallocateMemory(pointer, byteCount: byteCount) }
}

extension AlignedArray {
    /// A copy of some values of a trivial type.
    convenience init(_ values: [Scalar]) {
        self.init(zeros: values.count)
        pointer.update(from: values, count: values.count)
    }
}
