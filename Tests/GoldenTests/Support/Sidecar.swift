import Foundation

/// The JSON beside a file of golden tensors.
struct Sidecar<Configuration: Decodable>: Decodable {
    struct Case: Decodable {
        let name: String
        /// Some files hold cases with different configurations: a failure matters for the case that is wanted.
        let config: Result<Configuration, any Error>
        let tensors: [String: Entry]

        private enum CodingKeys: CodingKey { case name, config, tensors }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(String.self, forKey: .name)
            config = Result { try container.decode(Configuration.self, forKey: .config) }
            tensors = try container.decode([String: Entry].self, forKey: .tensors)
        }
    }

    struct Entry: Decodable {
        let role: String
        let shape: [Int]
        let tolerance: Float?
    }

    let file: String
    let cases: [Case]
    // Of whole networks.
    let lr: Float?
    let kar3Betas: [Float]?
    let kar2Beta: Float?
    let accuracy: Double?

    init(stem: String) throws {
        self = try JSONDecoder().decode(
            Self.self, from: try Data(contentsOf: GoldenFolder.url("\(stem).json")))
    }

    func `case`(named name: String) throws -> Case {
        guard let found = cases.first(where: { $0.name == name }) else {
            throw GoldenError("no case '\(name)' in \(file)")
        }
        return found
    }
}

/// The parameters' names in the order in which a sidecar's training tensors are flattened.
///
/// Read from the text, as a decoded JSON object has no order.
func parameterOrder(stem: String) throws -> [String] {
    let text = try String(contentsOf: GoldenFolder.url("\(stem).json"), encoding: .utf8)
    guard let start = text.range(of: "\"parameterOrder\""),
        let end = text[start.upperBound...].firstIndex(of: "}")
    else { throw GoldenError("no parameterOrder in \(stem).json") }
    return text[start.upperBound..<end].matches(of: /"([^"]+)"\s*:\s*\[/).map { String($0.output.1) }
}

struct GoldenError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
