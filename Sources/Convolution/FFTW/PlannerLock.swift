import Runtime

/// The lock of FFTW's planner, which serves one thread at a time. Executing plans needs no lock.
enum PlannerLock {
    private static let lock = LockedValue<Void>((), isHeldAcrossForks: true)
    private static let storedTimeLimit = LockedValue<Double>(10, isHeldAcrossForks: true)

    /// Calls `body`, which plans or destroys plans, while no other thread does.
    static func locked<Result>(_ body: () -> sending Result) -> sending Result {
        lock.withLock { _ in body() }
    }

    /// The longest time that planning one transform may take, in seconds.
    static var timeLimit: Double {
        get { storedTimeLimit.withLock { $0 } }
        set { storedTimeLimit.withLock { $0 = newValue } }
    }
}
