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
        compare("globalKernel.window", \.resolvedWindow)
        compare("renormalization.alpha", \.renormalization.alpha)
        compare("renormalization.beta", \.renormalization.beta)
        compare("renormalization.isTrained", \.renormalization.isTrained)
        compare("localContext", \.localContext)
        compare("evaluationStatistics", \.evaluationStatistics)
        compare("statistics", \.statistics)
        compare("gateOrder", \.gateOrder)
        compare("keepsCanceledBiases", \.keepsCanceledBiases)
        compare("spatialBias", \.spatialBias)
        if !violations.isEmpty { throw ConfigurationError(violations) }
    }
}
