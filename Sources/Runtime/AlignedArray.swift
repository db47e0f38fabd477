/// An array of trivial scalars, aligned to 64 bytes as FFTW and the vector loops want it, freed with its last reference.
///
/// `@unchecked Sendable`: tables are written before they are shared and only read afterwards; a workspace belongs to
/// one call, which gives each of its parts to one worker at a time.
package final class AlignedArray<Scalar>: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Scalar>
    package let count: Int

    /// An array of `count` zeros.
    package init(zeros count: Int) {
        self.count = count
        let byteCount = max(count, 1) * MemoryLayout<Scalar>.stride
        let memory = allocateMemory(byteCount: byteCount)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        pointer = memory.bindMemory(to: Scalar.self, capacity: count)
    }

    /// A copy of `values`.
    package convenience init(_ values: [Scalar]) {
        self.init(zeros: values.count)
        pointer.update(from: values, count: values.count)
    }

    private var byteCount: Int { max(count, 1) * MemoryLayout<Scalar>.stride }

    deinit { deallocateMemory(pointer, byteCount: byteCount) }
}
