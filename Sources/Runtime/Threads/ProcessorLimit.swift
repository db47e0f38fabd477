import CRuntime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// How many processors this process may use at once.
package struct ProcessorLimit {
    private let group: ControlGroup

    /// The limit of this process, if it were in the given control group.
    package init(_ group: ControlGroup = ControlGroup()) { self.group = group }

    /// The processors that the affinities of the process's threads allow, at most its control group's quota rounded up; at least 1.
    package var processorCount: Int {
        let inAffinity = Int(runtime_affinity_count())
        let allowed = inAffinity > 0 ? inAffinity : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        guard let quota = group.processorQuota, quota < Double(allowed) else { return allowed }
        return max(1, Int(quota.rounded(.up)))
    }
}
