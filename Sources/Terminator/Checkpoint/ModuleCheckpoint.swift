import Tensors

extension Module {
    /// Writes the parameters under their names to a Safetensors file. An existing file is replaced atomically.
    public func saveParameters(to path: String, metadata: [String: String] = [:]) throws(SafetensorsError) {
        try Safetensors.write(parameters, metadata: metadata, to: path)
    }

    /// Reads every parameter from a Safetensors file that holds these and no other tensors. On failure the module stays
    /// unchanged.
    public mutating func loadParameters(from path: String) throws(CheckpointError) {
        var file = try ParameterFile(path)
        let loaded = try withParameters { (name, shape) throws(CheckpointError) in
            try file.take(name, shape: shape)
        }
        try file.expectEmpty()
        self = loaded
    }

    /// A copy with every parameter replaced by what `read` returns for its name and shape.
    package func withParameters(
        from read: (_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor
    ) throws(CheckpointError) -> Self {
        var tensors: [Tensor] = []
        for (name, tensor) in parameters { tensors.append(try read(name, tensor.shape)) }
        return withParameters(tensors)
    }

    /// A copy with these parameters, in the module's order.
    fileprivate func withParameters(_ tensors: [Tensor]) -> Self {
        var copy = self
        var index = 0
        copy.forEachParameter { _, parameter in
            parameter = tensors[index]
            index += 1
        }
        return copy
    }
}

extension StructuredModule {
    /// A copy with every parameter replaced by what `read` returns for its path and shape.
    func withParametersByPath(
        from read: (_ path: Path, _ shape: [Int]) throws(CheckpointError) -> Tensor
    ) throws(CheckpointError) -> Self {
        var tensors: [Tensor] = []
        for (path, tensor) in parametersByPath { tensors.append(try read(path, tensor.shape)) }
        return withParameters(tensors)
    }
}
