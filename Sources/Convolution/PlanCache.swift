import Runtime

/// The plans that were made, by shape, precision and rigour: the most recently used of them.
///
/// Safe to use from any number of threads. A plan that is dropped lives on in the convolutions that use it.
public enum PlanCache {
    /// What the cache holds and how it has fared.
    public struct Statistics: Sendable, Equatable {
        /// The number of plans held.
        public var count = 0
        /// How often a plan was found.
        public var hits = 0
        /// How often a plan had to be made.
        public var misses = 0
        /// How many plans were dropped to make room.
        public var evictions = 0
    }

    private struct Entry {
        let plan: any Sendable
        var lastUse: Int
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var statistics = Statistics()
        var clock = 0
        var capacity = 128

        mutating func shrink(to count: Int) {
            while entries.count > count, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                entries.removeValue(forKey: oldest.key)
                statistics.evictions += 1
            }
        }
    }

    private struct Key: Hashable {
        let plan: PlanKey
        let precision: ObjectIdentifier
    }

    private static let state = LockedValue(State(), isHeldAcrossForks: true)

    /// The largest number of plans that are kept, at least 1; at first 128.
    public static var capacity: Int {
        get { state.withLock { $0.capacity } }
        set {
            require(newValue >= 1, "a plan cache holds at least 1 plan, got a capacity of \(newValue)")
            state.withLock {
                $0.capacity = newValue
                $0.shrink(to: newValue)
            }
        }
    }

    /// What the cache holds and how it has fared since the process began or ``removeAll()``.
    public static var statistics: Statistics {
        state.withLock {
            var statistics = $0.statistics
            statistics.count = $0.entries.count
            return statistics
        }
    }

    /// Drops every plan and starts the statistics anew.
    public static func removeAll() {
        state.withLock {
            $0.entries = [:]
            $0.statistics = Statistics()
        }
    }

    /// The plan for `key`, made if need be. Two threads that miss at once both make it; one of the plans is kept.
    static func plan<Scalar>(_ key: PlanKey) throws(ConvolutionError) -> Plan<Scalar> {
        let cacheKey = Key(plan: key, precision: ObjectIdentifier(Scalar.self))
        if let plan: Plan<Scalar> = find(cacheKey) { return plan }
        let plan = try Plan<Scalar>(key)
        return keep(plan, cacheKey)
    }

    private static func find<Scalar>(_ key: Key) -> Plan<Scalar>? {
        state.withLock { state in
            state.clock += 1
            guard let entry = state.entries[key] else {
                state.statistics.misses += 1
                return nil
            }
            state.statistics.hits += 1
            state.entries[key]!.lastUse = state.clock
            return entry.plan as? Plan<Scalar>
        }
    }

    private static func keep<Scalar>(_ plan: Plan<Scalar>, _ key: Key) -> Plan<Scalar> {
        state.withLock { state in
            if let earlier = state.entries[key]?.plan as? Plan<Scalar> { return earlier }
            state.shrink(to: state.capacity - 1)
            state.entries[key] = Entry(plan: plan, lastUse: state.clock)
            return plan
        }
    }
}
