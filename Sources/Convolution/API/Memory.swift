import Runtime

/// The memory that the package keeps for reuse: workspaces of convolutions and the scalars of tensors.
///
/// Fresh memory costs a page fault for every 4 KiB, so what is no longer needed goes to a pool first.
public enum Memory {
    /// The bytes that the pool keeps at present.
    public static var pooledByteCount: Int { MemoryPool.shared.byteCount }

    /// The most bytes that the pool keeps, at least 0; at first three quarters of the memory that this process may use.
    /// Lowering it returns what exceeds it to the system.
    public static var poolLimit: Int {
        get { MemoryPool.shared.limit }
        set {
            require(newValue >= 0, "a memory pool keeps at least 0 bytes, got a limit of \(newValue)")
            MemoryPool.shared.limit = newValue
        }
    }

    /// Returns all memory that the pool keeps to the system. What is in use is not affected.
    public static func releasePool() { MemoryPool.shared.free() }
}

extension Machine {
    /// Throws if `required` bytes are more than this process may use.
    package static func checkMemory(_ required: Int) throws(ConvolutionError) {
        guard required <= memory else { throw .insufficientMemory(required: required, available: memory) }
    }
}
