import Convolution
import Foundation
import Reports

/// The machine on which a page was made.
struct MachineDescription {
    private let processor: String

    init() {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = lines.split(separator: "\n").first { $0.hasPrefix("model name") }
        processor = model.map { $0.drop { $0 != ":" }.dropFirst(2) }.map(String.init) ?? "unknown"
    }

    var listing: Listing {
        let info = ProcessInfo.processInfo
        return Listing([
            (name: "processor", value: processor), (name: "cores", value: "\(info.activeProcessorCount)"),
            (name: "threads", value: "\(Threads.count)"),
            (name: "instruction set", value: Engine.instructionSet),
            (name: "memory", value: "\(info.physicalMemory >> 20) MiB"),
            (name: "operating system", value: info.operatingSystemVersionString),
            (name: "transforms", value: Engine.transformLibrary),
            (name: "written", value: Date().formatted(.iso8601)),
        ])
    }
}
