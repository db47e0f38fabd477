import Tensors

extension Network {
    /// Reads the parameters from a checkpoint of the authors' code, converted to Safetensors. Does nothing if it fails.
    ///
    /// Accepts the keys of the network and, behind `network.`, those of the training module around it. The output
    /// weights of slow nets are taken as they are: the factor 1/√(number of samples) is in them. The configuration
    /// must be one of ``NetworkConfiguration/authors(extents:inputChannels:classCount:blocks:omega:)``.
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
    ///   - path: A file that is there is replaced as a whole.
    ///   - prefix: What stands before each key: nothing for a network, `network.` for the training module around it.
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

extension NetworkConfiguration {
    /// Checks that the authors' code computes the same from the same parameters.
    ///
    /// - Throws: every field that departs from
    ///   ``authors(extents:inputChannels:classCount:blocks:omega:)``, frequencies aside: they matter at the start only.
    public func validateAuthorsChoices() throws(ConfigurationError) {
        let authors = NetworkConfiguration.authors(
            extents: extents, inputChannels: inputChannels, classCount: classCount, blocks: blocks)
        var violations: [ConfigurationError.Violation] = []
        func compare<Value: Equatable>(_ field: String, _ value: KeyPath<NetworkConfiguration, Value>) {
            let (expected, found) = (authors[keyPath: value], self[keyPath: value])
            guard expected != found else { return }
            violations.append(.init(field: field, problem: "expected \(expected), found \(found)"))
        }
        compare("globalInteraction", \.globalInteraction.rawValue)
        compare("globalSlowNet", \.globalSlowNet)
        compare("renormalization.alpha", \.renormalization.alpha)
        compare("renormalization.beta", \.renormalization.beta)
        compare("renormalization.isTrained", \.renormalization.isTrained)
        compare("localContext", \.localContext)
        compare("evaluationStatistics", \.evaluationStatistics)
        compare("gateOrder", \.gateOrder)
        compare("keepsCanceledBiases", \.keepsCanceledBiases)
        compare("spatialBias", \.spatialBias)
        if !violations.isEmpty { throw ConfigurationError(violations) }
    }
}
