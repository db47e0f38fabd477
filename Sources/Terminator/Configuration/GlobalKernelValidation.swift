extension NetworkConfiguration {
    /// Checks the kind of the global slow nets and what their kernels are made with.
    func validateGlobalKernel(_ rules: inout Rules) {
        rules.expect(
            globalSlowNet.takesPlanes || extents.count != 2, "globalSlowNet",
            "one spatial axis for the slow net \(globalSlowNet.rawValue)", found: "extents \(extents)")
        switch globalKernel.window {
        case .published, .none: break
        case .exponential(let decay):
            let field = "globalKernel.window.exponential"
            rules.expectShare(decay.fast, "\(field).fast")
            rules.expectShare(decay.slow, "\(field).slow")
            rules.expectFactor(decay.shift, "\(field).shift")
        case .gaussian(let width): rules.expectShare(width, "globalKernel.window.gaussian.width")
        }
        rules.expect(
            (1...1 << 10).contains(globalKernel.smoothing) && globalKernel.smoothing % 2 == 1,
            "globalKernel.smoothing", "an odd number from 1 to 1023", found: globalKernel.smoothing)
        rules.expectFactor(globalKernel.threshold, "globalKernel.threshold")
        rules.expectFactor(globalKernel.rates.dynamics, "globalKernel.rates.dynamics")
        rules.expectFactor(globalKernel.rates.scales, "globalKernel.rates.scales")
        rules.expectFactor(globalKernel.rates.taps, "globalKernel.rates.taps")
        rules.expectFactor(globalKernel.rates.decays, "globalKernel.rates.decays")
        rules.expectFactor(globalKernel.rates.widths, "globalKernel.rates.widths")
    }
}

extension Rules {
    /// A share of a kernel's length.
    fileprivate mutating func expectShare(_ share: Float, _ field: String) {
        expect((0.001...1000).contains(share), field, "a number from 0.001 to 1000", found: share)
    }

    fileprivate mutating func expectFactor(_ factor: Float, _ field: String) {
        expect(factor.isFinite && factor >= 0, field, "a finite number of at least 0", found: factor)
    }
}
