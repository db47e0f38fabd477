#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// What happens to process-wide state when the process forks.
///
/// A child of `fork` has one thread. A lock that another thread held would stay held for ever, what it protected would
/// be half written, and the threads of the pool are gone. So a fork waits for the locks that are held across it, and
/// the child starts with them free and with a new thread pool.
enum Fork {
    typealias Lock = UnsafeMutablePointer<pthread_mutex_t>

    /// Whether this process was forked from one that had a thread pool. Such a process keeps off libdispatch, whose
    /// threads did not survive and are not started again.
    ///
    /// `nonisolated(unsafe)`: written only in the child of a fork before `fork` returns, when it has one thread.
    nonisolated(unsafe) private(set) static var isChild = false

    /// The locks that are held across a fork, in the order of their creation.
    ///
    /// `nonisolated(unsafe)`: accessed only by the holder of `registryLock`.
    nonisolated(unsafe) private static var locks: [Lock] = []

    /// `nonisolated(unsafe)`: the pointer never changes; what it points to is a lock.
    nonisolated(unsafe) private static let registryLock: Lock = {
        let lock = Lock.allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_atfork(
            {
                pthread_mutex_lock(Fork.registryLock)
                for lock in Fork.locks { pthread_mutex_lock(lock) }
            }, Fork.release,
            {
                Fork.release()
                Fork.isChild = true
                ThreadPool.replaceAfterFork()
            })
        return lock
    }()

    private static let release: @convention(c) () -> Void = {
        for lock in Fork.locks.reversed() { pthread_mutex_unlock(lock) }
        pthread_mutex_unlock(Fork.registryLock)
    }

    /// Has the handlers run at each fork from now on.
    static func prepare() { _ = registryLock }

    /// From now on a fork waits for `lock` and leaves it free in the child.
    static func hold(_ lock: Lock) {
        pthread_mutex_lock(registryLock)
        locks.append(lock)
        pthread_mutex_unlock(registryLock)
    }

    /// Forgets a lock that is about to be destroyed.
    static func letGo(_ lock: Lock) {
        pthread_mutex_lock(registryLock)
        locks.removeAll { $0 == lock }
        pthread_mutex_unlock(registryLock)
    }
}
