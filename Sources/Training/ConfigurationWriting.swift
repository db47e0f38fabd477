import Foundation
import Tensors
import Terminator
import Yams

extension NetworkConfiguration {
    /// The configuration as a YAML document, which reads back equal. The configuration must be valid.
    public var yaml: String {
        do {
            let text = try YAMLEncoder().encode(self)
            return try serialize(node: tidied(try compose(yaml: text) ?? Node("")))
        } catch {
            // Integers, finite numbers and names: what a valid configuration consists of can be written.
            fatalError("expected a configuration that can be written, got \(self): \(error)")
        }
    }

    /// The configuration as a JSON document, which reads back equal. The configuration must be valid.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        } catch {
            fatalError("expected a configuration that can be written, got \(self): \(error)")
        }
    }

    /// Writes the configuration, which must be valid, to a file: as JSON if the file's name ends so, otherwise as YAML.
    /// A file that was there before is replaced as a whole, or left as it was if something goes wrong.
    public func write(to path: String) throws(ConfigurationSourceError) {
        let text = path.lowercased().hasSuffix(".json") ? json : yaml
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .init(source: path, reason: .inaccessible(systemReason(error)))
        }
    }
}

/// The document as a person would write it: numbers with no more digits than tell them from their neighbors, lists of
/// scalars in one line.
private func tidied(_ node: Node) -> Node {
    switch node {
    case .scalar(let scalar):
        guard Int(scalar.string) == nil, let number = Float(scalar.string) else { return node }
        return Node("\(number)")
    case .sequence(let sequence):
        let isFlat = sequence.allSatisfy { $0.scalar != nil }
        return Node(sequence.map(tidied), .implicit, isFlat ? .flow : .block)
    case .mapping(let mapping):
        return Node(mapping.map { ($0.key, tidied($0.value)) }, .implicit, .block)
    case .alias: return node
    }
}
