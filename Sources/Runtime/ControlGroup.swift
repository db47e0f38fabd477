/// The limits that Linux sets to this process's control groups: those of a container or a service.
///
/// Source: the kernel's documentation, cgroup-v2 ("cpu.max", "memory.max") and cgroup-v1 ("cpu.cfs_quota_us",
/// "memory.limit_in_bytes").
package struct ControlGroup {
    /// Where the hierarchies are mounted.
    var mount = "/sys/fs/cgroup"
    /// The file that names this process's groups.
    var membership = "/proc/self/cgroup"

    /// The groups of the process. Other places than the system's are for tests.
    package init(mount: String = "/sys/fs/cgroup", membership: String = "/proc/self/cgroup") {
        self.mount = mount
        self.membership = membership
    }

    /// The processors' time that the process may use, in processors: 1.5 for a quota of 150 ms every 100 ms; `nil`
    /// without a limit.
    package var processorQuota: Double? {
        let second = folders(controller: nil).compactMap { folder -> Double? in
            let words = words(of: folder + "/cpu.max")
            return words.count == 2 ? Self.quotient(words[0], words[1]) : nil
        }
        let first = folders(controller: "cpu").compactMap { folder -> Double? in
            let quota = words(of: folder + "/cpu.cfs_quota_us")
            let period = words(of: folder + "/cpu.cfs_period_us")
            return quota.count == 1 && period.count == 1 ? Self.quotient(quota[0], period[0]) : nil
        }
        return (second + first).min()
    }

    /// The memory that the process may use, in bytes; `nil` without a limit.
    package var memoryLimit: Int? {
        let files =
            folders(controller: nil).map { $0 + "/memory.max" }
            + folders(controller: "memory").map { $0 + "/memory.limit_in_bytes" }
        return files.compactMap { words(of: $0).first.flatMap { Int($0) } }.filter { $0 > 0 }.min()
    }

    /// A quota over its period; `nil` for no quota, "max" in version 2 and -1 in version 1.
    private static func quotient(_ quota: String, _ period: String) -> Double? {
        guard let quota = Double(quota), let period = Double(period), quota > 0, period > 0 else {
            return nil
        }
        return quota / period
    }

    private func words(of path: String) -> [String] {
        (systemFile(path) ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// The folder of the process's group and those above it, up to the mount, as each may have a limit; in version 2
    /// for no `controller`, else in that controller's hierarchy of version 1.
    private func folders(controller: String?) -> [String] {
        // Lines "hierarchy:controllers:path"; version 2 has hierarchy 0 and no controllers.
        for line in (systemFile(membership) ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",").map(String.init)
            let root: String
            if let controller {
                guard controllers.contains(controller) else { continue }
                // Debian and its like mount "cpu,cpuacct" and link "cpu" to it.
                root = "\(mount)/\(controller)"
            } else {
                guard controllers.isEmpty else { continue }
                root = mount
            }
            // A container without a namespace of its own sees its host's path and, at the mount, its own group: folders
            // that do not exist have no limits.
            var folders = [root]
            for part in fields[2].split(separator: "/") { folders.append("\(folders.last!)/\(part)") }
            return folders
        }
        return []
    }
}
