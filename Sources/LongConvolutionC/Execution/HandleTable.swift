import CLongConvolution
import Runtime

/// The objects behind the handles of C: a handle is a number that is looked up and never used twice, so one that is null, was
/// destroyed or was never given out is told from the others.
enum HandleTable {
    private struct State {
        var objects: [UInt: any AnyObject & Sendable] = [:]
        var last: UInt = 0
    }

    private static let state = LockedValue(State(), isHeldAcrossForks: true)

    /// The handle of a new entry. Numbers are far below any address.
    static func insert(_ object: any AnyObject & Sendable) -> OpaquePointer {
        state.withLock { state in
            state.last += 1
            state.objects[state.last] = object
            return OpaquePointer(bitPattern: state.last)!
        }
    }

    /// The object of a handle, which lives as long as the caller holds it, whoever destroys the handle meanwhile.
    static func object<Object>(
        _ handle: OpaquePointer?, as type: Object.Type, _ name: String
    ) throws(Refusal) -> Object {
        guard let handle else { throw Refusal(LONGCONV_INVALID_HANDLE, "expected a \(name), got null") }
        let found = state.withLock { $0.objects[UInt(bitPattern: handle)] }
        return try checked(found, name)
    }

    /// Removes a handle. Its object dies with its last reference, outside of the lock.
    static func remove<Object>(
        _ handle: OpaquePointer?, as type: Object.Type, _ name: String
    ) throws(Refusal) {
        let object = try object(handle, as: type, name)
        let removed = state.withLock { $0.objects.removeValue(forKey: UInt(bitPattern: handle)) }
        // Another thread may have been faster.
        _ = try checked(removed, name) as Object
        withExtendedLifetime(object) {}
    }

    private static func checked<Object>(
        _ object: (any AnyObject & Sendable)?, _ name: String
    ) throws(Refusal) -> Object {
        guard let object else {
            throw Refusal(
                LONGCONV_INVALID_HANDLE, "expected a \(name), got a handle that was destroyed or never made")
        }
        guard let object = object as? Object else {
            throw Refusal(LONGCONV_INVALID_HANDLE, "expected a \(name), got a handle of something else")
        }
        return object
    }
}
