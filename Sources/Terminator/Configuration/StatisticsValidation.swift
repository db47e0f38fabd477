extension NetworkConfiguration {
    /// Checks what statistics are taken over, and the choices that go with it.
    func validateStatistics(_ rules: inout Rules) {
        if case .running(let momentum) = evaluationStatistics {
            rules.expect(
                momentum > 0 && momentum <= 1, "evaluationStatistics.running.momentum",
                "a number above 0 and up to 1", found: momentum)
        }
        guard statistics.isCausal else { return }
        let name = "\(statistics.rawValue) statistics"
        rules.expect(
            globalInteraction == .convolution(.causal), "globalInteraction",
            "causalConvolution for \(name)", found: globalInteraction.rawValue)
        rules.expect(
            spatialBias != .fixed, "spatialBias", "resampled or absent for \(name)",
            found: spatialBias.rawValue)
        let context: LocalContext = statistics == .prefix ? .perSample : .batchMean
        rules.expect(
            localContext == context, "localContext", "\(context.rawValue) for \(name)",
            found: localContext.rawValue)
        rules.expect(
            statistics != .frozen || evaluationStatistics != .batch, "evaluationStatistics",
            "running averages for \(name)", found: "batch")
    }
}
