import Tensors

/// A Safetensors file whose tensors are handed out once each, with their shapes checked.
package struct ParameterFile {
    package let path: String
    package let file: Safetensors
    /// Compared by code points, as in the file.
    private var remaining: Set<ExactName>

    /// Reads the file at `path`.
    package init(_ path: String) throws(CheckpointError) {
        self.path = path
        do throws(SafetensorsError) {
            file = try Safetensors(contentsOf: path)
        } catch {
            throw .file(error)
        }
        remaining = Set(file.names.map(ExactName.init))
    }

    /// The tensor for a parameter: under the first of `keys` that the file has, by default the parameter's name.
    package mutating func take(
        _ parameter: String, keys: [String]? = nil, shape: [Int], ignoringAxesOfOne: Bool = false
    ) throws(CheckpointError) -> Tensor {
        let keys = keys ?? [parameter]
        guard let key = keys.first(where: { remaining.contains(ExactName($0)) }) else {
            throw .missing(path: path, parameter: parameter)
        }
        // Before the scalars are read: there may be many.
        let found = try self.shape(of: key)
        let isSame =
            ignoringAxesOfOne ? found.filter { $0 != 1 } == shape.filter { $0 != 1 } : found == shape
        guard isSame else {
            throw .shape(path: path, parameter: parameter, expected: shape, found: found)
        }
        let tensor = try reading { () throws(SafetensorsError) in try file.tensor(named: key) }
        remaining.remove(ExactName(key))
        return tensor.reshaped(to: shape)
    }

    /// The numbers of that name, in double precision.
    mutating func takeDoubles(_ name: String, shape: [Int]) throws(CheckpointError) -> [Double] {
        // Its checks and marks are those of a tensor.
        _ = try take(name, shape: shape)
        return try reading { () throws(SafetensorsError) in try file.doubles(named: name) }
    }

    /// The tensor `[channels, n]` of that name, with any n.
    mutating func take(_ name: String, channels: Int) throws(CheckpointError) -> Tensor {
        guard remaining.contains(ExactName(name)) else { throw .missing(path: path, parameter: name) }
        return try take(name, shape: [channels, try shape(of: name).last ?? 0])
    }

    private func shape(of key: String) throws(CheckpointError) -> [Int] {
        try reading { () throws(SafetensorsError) in try file.shape(of: key) }
    }

    private func reading<Result>(
        _ body: () throws(SafetensorsError) -> Result
    ) throws(CheckpointError) -> Result {
        do throws(SafetensorsError) {
            return try body()
        } catch {
            throw .file(error)
        }
    }

    /// Marks the tensors that may belong to no parameter as taken.
    mutating func ignore(where isIgnored: (String) -> Bool) {
        remaining = remaining.filter { !isIgnored($0.string) }
    }

    /// Throws if a tensor was not taken.
    package func expectEmpty() throws(CheckpointError) {
        if let name = file.names.first(where: { remaining.contains(ExactName($0)) }) {
            throw .unexpected(path: path, name: name)
        }
    }
}
