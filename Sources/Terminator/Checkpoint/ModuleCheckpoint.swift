import Tensors

extension Module {
    /// Writes the parameters under their names to a Safetensors file; one that was there before is replaced as a whole.
    public func saveParameters(to path: String, metadata: [String: String] = [:]) throws(SafetensorsError) {
        try Safetensors.write(parameters, metadata: metadata, to: path)
    }

    /// Reads every parameter from a Safetensors file that holds these and no other tensors. Does nothing if it fails.
    public mutating func loadParameters(from path: String) throws(CheckpointError) {
        var file = try ParameterFile(path)
        let loaded = try withParameters { (name, shape) throws(CheckpointError) in
            try file.take(name, shape: shape)
        }
        try file.expectEmpty()
        self = loaded
    }

    /// A copy with every parameter replaced by what `read` answers for its name and shape.
    package func withParameters(
        from read: (_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor
    ) throws(CheckpointError) -> Self {
        var copy = self
        do {
            try copy.forEachParameter { name, parameter in parameter = try read(name, parameter.shape) }
        } catch let error as CheckpointError {
            throw error
        } catch {
            fatalError("expected errors of reading a parameter only, got \(error)")
        }
        return copy
    }
}
