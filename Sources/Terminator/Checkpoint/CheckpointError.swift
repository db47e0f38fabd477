import Tensors

/// An error of reading a checkpoint into a network. Each case names the file.
public enum CheckpointError: Error, Equatable, Sendable {
    /// The file could not be read, is no Safetensors file, or holds scalars of another kind.
    case file(SafetensorsError)
    /// The file has no tensor for a parameter (or for one of the running statistics).
    case missing(path: String, parameter: String)
    /// The file has a tensor that belongs to no parameter.
    case unexpected(path: String, name: String)
    /// A parameter's tensor has another shape.
    case shape(path: String, parameter: String, expected: [Int], found: [Int])
    /// The metadata lacks a configuration, or has one of which no network can be made.
    case configuration(path: String, reason: String)
    /// The state of a stream is damaged, or that of another network.
    case state(path: String, reason: String)
}

extension CheckpointError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .missing(let path, let parameter): "\(path): there is no tensor for the parameter '\(parameter)'"
        case .unexpected(let path, let name): "\(path): '\(name)' belongs to no parameter of the network"
        case .shape(let path, let parameter, let expected, let found):
            "\(path): expected shape \(expected) for the parameter '\(parameter)', found \(found)"
        case .configuration(let path, let reason), .state(let path, let reason): "\(path): \(reason)"
        }
    }
}
