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
