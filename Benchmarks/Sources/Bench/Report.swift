import Convolution
import Foundation
import Measurement

/// What is written to the file.
struct Report: Encodable {
    let threads: Int
    let rigour: Rigour
    let rounds: Int
    /// Whether the machine was idle before and after.
    var isIdle = false
    var conditions: [Calibration]
    /// The engine and its bare transforms.
    var results: [Overhead] = []
    /// What a skip and gates cost.
    var gates: [GateCost] = []
    /// Kernels much shorter than their rows, on one thread.
    var blocks: [BlockCost] = []
    /// Streams.
    var streaming: [StreamingTime] = []
    /// Neighboring shapes, if they were measured.
    var scan: [Scan.Result]?
    /// Both kinds of transforms, if they were measured.
    var choices: [ChoiceCost]?

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try encoder.encode(self).write(to: file, options: .atomic)
    }
}
