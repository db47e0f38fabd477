import Tensors
import Terminator

extension FuzzTarget {
    /// What a streamed network remembers: a header, in which `@` stands for the network's fingerprint, a zero, and the data.
    static let networkState = FuzzTarget("network-state") { bytes in
        let end = bytes.firstIndex(of: 0) ?? bytes.count
        let header = bytes[..<end].flatMap { $0 == mark ? fingerprint : [$0] }
        let path = (header + bytes[end...]).withUnsafeBytes { fileWithHeader($0) }
        var (stream, other) = (freshStream, freshStream)
        try stream.restoreState(from: path)
        // What was restored is saved and restored again: streams that go on alike.
        let copy = InputFolder.path + "/copy"
        withoutError {
            try stream.saveState(to: copy)
            try other.restoreState(from: copy)
        }
        precondition(stream.position == other.position)
        for sample in 0..<11 {
            let input = [Float(sample % 3) - 1]
            precondition(
                stream.step(input).map(\.bitPattern) == other.step(input).map(\.bitPattern))
        }
    }

    /// The state after a number of samples: what fuzzing begins with.
    static func networkStateSeed(position: Int) throws -> [UInt8] {
        var stream = freshStream
        for sample in 0..<position { _ = stream.step([Float(sample % 5) - 2]) }
        let file = try Seeds.file { try stream.saveState(to: $0) }
        return Array(
            Seeds.withoutLength(file).split(separator: fingerprint, omittingEmptySubsequences: false).joined(
                separator: [mark]))
    }

    private static let mark = UInt8(ascii: "@")

    private static let freshStream: StreamingNetwork = {
        var numbers = RandomNumbers(seed: 1)
        return try! StreamingNetwork(Network(smallConfiguration.causal(), using: &numbers))
    }()

    /// The digits of the network's fingerprint in the metadata of a state.
    private static let fingerprint: [UInt8] = {
        let path = InputFolder.path + "/fresh"
        try! freshStream.saveState(to: path)
        return Array(try! Safetensors(contentsOf: path).metadata(named: "network")!.utf8)
    }()
}
