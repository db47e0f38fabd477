import Tensors

/// One case with its tensors, without the case's name before their keys.
struct GoldenCase<Configuration: Decodable> {
    let name: CaseName
    let configuration: Configuration
    let sidecar: Sidecar<Configuration>
    /// By `<role>/<name>`.
    let tensors: [String: Tensor]
    /// The labels, of whole networks.
    let labels: [Int]
    var comparison: Comparison

    init(_ name: CaseName) throws {
        self.name = name
        sidecar = try Sidecar<Configuration>(stem: name.stem)
        let found = try sidecar.case(named: name.name)
        configuration = try found.config.get()
        let file = try Safetensors(contentsOf: GoldenFolder.url(sidecar.file).path)
        var tensors: [String: Tensor] = [:]
        var entries: [String: Sidecar<Ignored>.Entry] = [:]
        var labels: [Int] = []
        for (key, entry) in found.tensors {
            // Networks have one case in a file, without a prefix.
            let prefix = "\(name.name)/"
            let short = key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : key
            let shape = try file.shape(of: key)
            guard shape == entry.shape else {
                throw GoldenError("\(key) has the shape \(shape) in \(sidecar.file), expected \(entry.shape)")
            }
            if short == "input/labels" {
                labels = try file.integers(named: key)
            } else if entry.role == "mask" {
                tensors[short] = Tensor(shape: shape, scalars: try file.integers(named: key).map(Float.init))
            } else {
                tensors[short] = try file.tensor(named: key)
            }
            entries[short] = .init(role: entry.role, shape: entry.shape, tolerance: entry.tolerance)
        }
        self.tensors = tensors
        self.labels = labels
        comparison = Comparison(name: name, entries: entries, stored: tensors)
    }

    /// The tensors of a role, by name.
    func all(_ role: String) -> [String: Tensor] {
        var all: [String: Tensor] = [:]
        for (key, tensor) in tensors where key.hasPrefix("\(role)/") {
            all[String(key.dropFirst(role.count + 1))] = tensor
        }
        return all
    }

    subscript(key: String) -> Tensor {
        get throws {
            guard let tensor = tensors[key] else { throw GoldenError("\(name) has no tensor '\(key)'") }
            return tensor
        }
    }
}
