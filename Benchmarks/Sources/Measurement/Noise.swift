extension UnsafeMutableBufferPointer<Float> {
    /// Memory whose every page has been touched, so that no page fault is measured, and which begins at a cache line, as that of
    /// tensors does, PyTorch's too.
    public static func allocate(_ count: Int, filledBy scalar: () -> Float) -> Self {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
        let buffer = Self(start: memory.bindMemory(to: Float.self, capacity: count), count: count)
        for index in 0..<count { buffer.initializeElement(at: index, to: scalar()) }
        return buffer
    }
}

/// Uniform noise in -1 ..< 1, the same in every run.
public struct Noise {
    private var state: UInt32 = 1

    /// The beginning of the noise.
    public init() {}

    /// The next number.
    public mutating func next() -> Float {
        // The constants of Numerical Recipes; good enough for inputs whose values do not matter.
        state = state &* 1_664_525 &+ 1_013_904_223
        return Float(Int32(bitPattern: state)) * 0x1p-31
    }
}
