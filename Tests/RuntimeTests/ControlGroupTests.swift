import Foundation
import TestSupport
import Testing

@testable import Runtime

/// The limits of control groups, read from folders that look like the system's.
struct ControlGroupTests {
    /// A group for which `membership` is the file of the process, and the mount holds the given files.
    private func withGroup(
        membership: String, _ files: [String: String], _ body: (ControlGroup) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, text) in files.merging(["membership": membership], uniquingKeysWith: { $1 }) {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        try body(ControlGroup(mount: folder.path, membership: folder.appending(path: "membership").path))
    }

    @Test func version2() throws {
        let files = [
            "cpu.max": "max 100000\n", "a/cpu.max": "150000 100000\n", "a/b/cpu.max": "max 100000\n",
        ]
        try withGroup(membership: "0::/a/b\n", files) { group in
            #expect(group.processorQuota == 1.5)
            #expect(group.memoryLimit == nil)
        }
        // The least of all groups above counts.
        try withGroup(
            membership: "0::/a/b\n",
            [
                "a/cpu.max": "400000 100000", "a/b/cpu.max": "800000 100000", "a/memory.max": "1000000\n",
                "a/b/memory.max": "max\n", "memory.max": "5000000\n",
            ]
        ) { group in
            #expect(group.processorQuota == 4)
            #expect(group.memoryLimit == 1_000_000)
        }
    }

    @Test func version1() throws {
        let membership = "5:memory:/job\n3:cpu,cpuacct:/job\n"
        try withGroup(
            membership: membership,
            [
                "cpu/job/cpu.cfs_quota_us": "50000\n", "cpu/job/cpu.cfs_period_us": "100000\n",
                "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n",
                "memory/job/memory.limit_in_bytes": "123456789\n",
                "memory/memory.limit_in_bytes": "9223372036854771712\n",
            ]
        ) { group in
            #expect(group.processorQuota == 0.5)
            #expect(group.memoryLimit == 123_456_789)
            #expect(Machine.memory(in: group) == 123_456_789)
            // Half a processor is one thread.
            #expect(ProcessorLimit(group).processorCount == 1)
        }
    }

    /// In a container without a namespace of its own the path names a folder that is not there; the mount is its group.
    @Test func pathOfTheHost() throws {
        try withGroup(membership: "0::/docker/4711\n", ["cpu.max": "200000 100000\n"]) { group in
            #expect(group.processorQuota == 2)
        }
    }

    @Test(arguments: [
        [:], ["cpu.max": ""], ["cpu.max": "junk junk"], ["cpu.max": "0 100000", "memory.max": "-5"],
    ])
    func noLimit(_ files: [String: String]) throws {
        try withGroup(membership: "0::/\n", files) { group in
            #expect(group.processorQuota == nil)
            #expect(group.memoryLimit == nil)
            #expect(Machine.memory(in: group) > 1 << 20)
        }
        #expect(ControlGroup(mount: "/nowhere", membership: "/nowhere").processorQuota == nil)
    }

    @Test func quotaIsRoundedUp() throws {
        // With one processor in the affinity every quota means one.
        let all = ProcessorLimit(ControlGroup(mount: "/nowhere", membership: "/nowhere")).processorCount
        for (quota, count) in [("20000", 1), ("100000", 1), ("110000", 2), ("99900000", all)] {
            try withGroup(membership: "0::/\n", ["cpu.max": "\(quota) 100000\n"]) { group in
                #expect(ProcessorLimit(group).processorCount == min(count, all))
            }
        }
    }
}
