#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The machine as this process sees it.
package enum Machine {
    /// The bytes of memory that the process may use: the machine's, or its control group's limit if that is less.
    package static let memory = memory(in: ControlGroup())

    /// The bytes of memory that a process in `group` may use.
    package static func memory(in group: ControlGroup) -> Int {
        let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return min(physical, group.memoryLimit ?? physical)
    }

    /// The bytes of memory that the system could give to processes at present without paging; `nil` where it is not known.
    package static var availableMemory: Int? {
        systemFile("/proc/meminfo").flatMap(availableMemory(inInformation:))
    }

    /// The bytes that the line `MemAvailable:  12345 kB` names; `nil` without such a line.
    static func availableMemory(inInformation text: String) -> Int? {
        byteCount(named: "MemAvailable", in: text)
    }

    /// The host's name and its processor's architecture, in characters that a file name may have.
    package static let name: String = {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        func text<Value>(_ value: Value) -> String {
            withUnsafeBytes(of: value) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(name.nodename))-\(text(name.machine))".filter {
            $0.isLetter || $0.isNumber || "-._".contains($0)
        }
    }()
}
