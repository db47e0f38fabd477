import Tensors

extension Network {
    /// Reads the parameters from a checkpoint of the authors' code, converted to Safetensors. On failure the network
    /// stays unchanged.
    ///
    /// Accepts the keys of the network and, with the prefix `network.`, those of the training module around it. The
    /// output weights of slow nets are taken as they are: the factor 1/√(number of samples) is in them. The
    /// configuration must be one of ``NetworkConfiguration/authors(extents:inputChannels:classCount:blocks:omega:)``.
    public mutating func loadAuthorsParameters(from path: String) throws(CheckpointError) {
        var file = try ParameterFile(path)
        let loaded = try withParametersByPath { (path, shape) throws(CheckpointError) in
            let keys = path.authorsKeys
            return try file.take(
                path.name, keys: keys + keys.map { "network.\($0)" }, shape: shape, ignoringAxesOfOne: true)
        }
        file.ignore { $0.hasSuffix(NetworkPath.authorsExtentName) }
        try file.expectEmpty()
        self = loaded
    }

    /// Writes the parameters as the authors' code holds them: under its keys, in its shapes, with the extent of each
    /// slow net's kernel beside them. These are all the keys of its state dict.
    ///
    /// - Parameters:
    ///   - path: The file; an existing one is replaced atomically.
    ///   - prefix: The prefix of each key: empty for a network, `network.` for the training module around it.
    ///   - metadata: Free text to keep in the file.
    /// - Throws: `CheckpointError.configuration` where the configuration departs from
    ///   ``NetworkConfiguration/authors(extents:inputChannels:classCount:blocks:omega:)``: their code would lack
    ///   parameters, or compute something else from them.
    public func saveAuthorsParameters(
        to path: String, prefix: String = "", metadata: [String: String] = [:]
    ) throws(CheckpointError) {
        do throws(ConfigurationError) {
            try configuration.validateAuthorsChoices()
        } catch {
            throw .configuration(path: path, reason: "the authors' code computes something else: \(error)")
        }
        let parameters = parametersByPath
        let tensors = parameters.map { path, tensor in
            (name: prefix + path.authorsKeys[0], tensor: tensor.reshaped(to: path.authorsShape(tensor.shape)))
        }
        let extents = parameters.compactMap { path, tensor -> (name: String, values: [Int32])? in
            guard let key = path.authorsExtentKey else { return nil }
            return (name: prefix + key, values: [Int32(tensor.shape.last ?? 1)])
        }
        do throws(SafetensorsError) {
            try Safetensors.write(tensors, integers: extents, metadata: metadata, to: path)
        } catch {
            throw .file(error)
        }
    }
}
