import Tensors

/// A Safetensors file out of which parameters are taken, each once and of the right shape.
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

    /// Takes the tensor for a parameter: under the first of `keys` that is there, by default the parameter's name.
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

    /// Forgets the tensors that need not belong to a parameter.
    mutating func ignore(where isIgnored: (String) -> Bool) {
        remaining = remaining.filter { !isIgnored($0) }
    }

    /// Everything must have been taken.
    package func expectEmpty() throws(CheckpointError) {
        if let name = file.names.first(where: remaining.contains) {
            throw .unexpected(path: path, name: name)
        }
    }
}
