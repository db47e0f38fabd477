#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// A value that one thread at a time may access, behind a pthread mutex.
///
/// Not the standard library's `Mutex`: the thread sanitizer does not see through that one on Linux, and it keeps the
/// number of its thread, which is another one after a fork.
///
/// `@unchecked Sendable`: `value` is accessed only while the mutex is held, by ``withLock(_:)``.
package final class LockedValue<Value: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value
    private let isHeldAcrossForks: Bool

    /// A protected `value`.
    ///
    /// - Parameter isHeldAcrossForks: Whether a fork waits for the lock, so that the child finds the value whole and
    ///   the lock free. For the locks of process-wide state; where one is taken while another is held, the outer one
    ///   is created first.
    package init(_ value: consuming sending Value, isHeldAcrossForks: Bool = false) {
        mutex = .allocate(capacity: 1)
        let status = pthread_mutex_init(mutex, nil)
        require(status == 0, "a mutex could not be made: \(String(cString: strerror(status)))")
        self.value = value
        self.isHeldAcrossForks = isHeldAcrossForks
        if isHeldAcrossForks { Fork.hold(mutex) }
    }

    deinit {
        if isHeldAcrossForks { Fork.letGo(mutex) }
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Calls `body` with exclusive access to the value.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
