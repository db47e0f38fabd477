import Tensors

extension Network {
    /// Reads the parameters from a checkpoint of the authors' code, converted to Safetensors. Does nothing if it fails.
    ///
    /// Accepts the keys of the network and, behind `network.`, those of the training module around it. The output
    /// weights of slow nets are taken as they are: the factor 1/√(number of samples) is in them. The configuration
    /// must be one of ``NetworkConfiguration/authors(extents:inputChannels:classCount:blocks:omega:)``.
    public mutating func loadAuthorsParameters(from path: String) throws(CheckpointError) {
        var file = try ParameterFile(path)
        let loaded = try withParameters { (name, shape) throws(CheckpointError) in
            let keys = authorsKeys(ofParameterNamed: name)
            return try file.take(
                name, keys: keys + keys.map { "network.\($0)" }, shape: shape, ignoringAxesOfOne: true)
        }
        file.ignore { $0.hasSuffix(kernelExtentKey) }
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
        let tensors = parameters.map { name, tensor in
            let shape = authorsShape(ofParameterNamed: name, shape: tensor.shape)
            return (name: prefix + authorsKeys(ofParameterNamed: name)[0], tensor: tensor.reshaped(to: shape))
        }
        // Beside `Kernel`, which every slow net has, and each of those has one spatial bias.
        let extents = tensors.compactMap { name, tensor -> (name: String, values: [Int32])? in
            guard let kernel = name.range(of: "Kernel.bias_p") else { return nil }
            return (
                name: name[..<kernel.lowerBound] + kernelExtentKey, values: [Int32(tensor.shape.last ?? 1)]
            )
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
