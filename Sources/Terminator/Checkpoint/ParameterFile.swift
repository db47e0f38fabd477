import Tensors

/// A Safetensors file whose tensors are handed out once each, with their shapes checked.
package struct ParameterFile {
    package let path: String
    package let file: Safetensors
    private var remaining: Set<String>

    /// Reads the file at `path`.
    package init(_ path: String) throws(CheckpointError) {
        self.path = path
        do throws(SafetensorsError) {
            file = try Safetensors(contentsOf: path)
        } catch {
            throw .file(error)
        }
        remaining = Set(file.names)
    }

    /// The tensor for a parameter: under the first of `keys` that the file has, by default the parameter's name.
    package mutating func take(
        _ parameter: String, keys: [String]? = nil, shape: [Int], ignoringAxesOfOne: Bool = false
    ) throws(CheckpointError) -> Tensor {
        let keys = keys ?? [parameter]
        guard let key = keys.first(where: remaining.contains) else {
            throw .missing(path: path, parameter: parameter)
        }
        let tensor: Tensor
        do throws(SafetensorsError) {
            tensor = try file.tensor(named: key)
        } catch {
            throw .file(error)
        }
        let isSame =
            ignoringAxesOfOne
            ? tensor.shape.filter { $0 != 1 } == shape.filter { $0 != 1 } : tensor.shape == shape
        guard isSame else {
            throw .shape(path: path, parameter: parameter, expected: shape, found: tensor.shape)
        }
        remaining.remove(key)
        return tensor.reshaped(to: shape)
    }

    /// Marks the tensors that may belong to no parameter as taken.
    mutating func ignore(where isIgnored: (String) -> Bool) {
        remaining = remaining.filter { !isIgnored($0) }
    }

    /// Throws if a tensor was not taken.
    package func expectEmpty() throws(CheckpointError) {
        if let name = file.names.first(where: remaining.contains) {
            throw .unexpected(path: path, name: name)
        }
    }
}
