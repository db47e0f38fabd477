import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// The state of a stream in a file.
@Suite struct StreamStateTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func stream(
        _ form: SequenceStatistics, seed: UInt64 = 1, _ numbers: inout RandomNumbers
    ) throws -> StreamingNetwork {
        var network = network(smallConfiguration(extents: [24]).causal(statistics: form), seed: seed)
        network.updateStatistics(from: network(numbers.tensor([4, 2, 24]), dropout: &numbers))
        return try StreamingNetwork(network)
    }

    /// Before the first sample, before and after the kernel's last tap: the same bits from there on.
    @Test(arguments: [SequenceStatistics.prefix, .frozen], [0, 1, 7, 23, 24, 61])
    func continues(form: SequenceStatistics, position: Int) throws {
        var numbers = seededNumbers()
        var stream = try stream(form, &numbers)
        let sequence = numbers.tensor([2, position + 30])
        for index in 0..<position { _ = stream.push(sequence.slice(alongAxis: 1, index..<index + 1)) }
        let path = folder.file("state.safetensors")
        try stream.saveState(to: path)
        var other = try StreamingNetwork(stream.network)
        _ = other.push(numbers.tensor([2, 5]))
        try other.restoreState(from: path)
        #expect(other.position == position)
        for index in position..<position + 30 {
            let sample = sequence.slice(alongAxis: 1, index..<index + 1)
            #expect(other.push(sample).scalars == stream.push(sample).scalars, "position \(index)")
        }
    }

    /// What does not fit is refused by name, and the stream goes on as it was.
    @Test func damagedStatesAreRefused() throws {
        var numbers = seededNumbers(2)
        var stream = try stream(.prefix, &numbers)
        _ = stream.push(numbers.tensor([2, 9]))
        let path = folder.file("state.safetensors")
        try stream.saveState(to: path)
        let file = try Safetensors(contentsOf: path)
        let kept = file.names.filter { !$0.hasPrefix("moments.") }
        func write(
            without missing: String = "", metadata changes: [String: String] = [:], extra: Bool = false
        ) throws -> String {
            var metadata: [String: String] = [:]
            for name in ["position", "network"] + kept { metadata[name] = file.metadata(named: name) }
            metadata.merge(changes) { $1 }
            var tensors = try kept.filter { $0 != missing }.map {
                (name: $0, tensor: try file.tensor(named: $0))
            }
            if extra { tensors.append((name: "other", tensor: Tensor(1))) }
            let doubles = try file.names.filter { $0.hasPrefix("moments.") && $0 != missing }.map {
                (name: $0, shape: try file.shape(of: $0), values: try file.doubles(named: $0))
            }
            let path = folder.file("damaged.safetensors")
            try Safetensors.write(tensors, doubles: doubles, metadata: metadata, to: path)
            return path
        }
        func reason(_ path: String) -> String {
            do {
                try stream.restoreState(from: path)
                return "none"
            } catch {
                return "\(error)".replacingOccurrences(of: "\(path): ", with: "")
            }
        }
        #expect(reason(try write()) == "none")
        #expect(reason(try write(extra: true)) == "'other' belongs to no parameter of the network")
        #expect(
            reason(try write(metadata: ["position": "-1"]))
                == "expected a position from 0 to \(1 << 60), found -1")
        #expect(reason(try write(metadata: ["position": "x"])) == "the metadata has no number 'position'")
        #expect(
            reason(try write(metadata: ["network": "1"])) == "it is that of a stream of another network")
        for name in ["recent.blocks.0.localBranches.1.recent", "moments.blocks.1.fast"] {
            #expect(reason(try write(without: name)) == "there is no tensor for the parameter '\(name)'")
        }
        #expect(
            reason(try write(metadata: ["position": "8"])).hasPrefix("convolutions.blocks."))
        let expected = stream.step([1, 2])
        var again = try StreamingNetwork(stream.network)
        try again.restoreState(from: path)
        #expect(again.step([1, 2]) == expected)
    }
}
