import CVectorLoops
import Synchronization

/// A value that one thread at a time may touch.
///
/// It is a `Mutex`, of which the thread sanitizer is told: that one does not see through the library's locks on Linux
/// and would report every value behind one.
package final class Guarded<Value: ~Copyable>: Sendable {
    private let mutex: Mutex<Value>

    /// A guarded `value`.
    package init(_ value: consuming sending Value) { mutex = Mutex(value) }

    /// Calls `body` with the value while no other thread has it.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        let lock = Unmanaged.passUnretained(self).toOpaque()
        return try mutex.withLock { (value: inout sending Value) throws(Failure) -> sending Result in
            vk_lock_acquired(lock)
            defer { vk_lock_released(lock) }
            return try body(&value)
        }
    }
}
