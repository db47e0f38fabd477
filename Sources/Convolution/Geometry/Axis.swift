/// One axis of a convolution: its extents, and where its outputs lie among those of the full convolution.
struct Axis: Hashable, Sendable {
    let signal: Int
    let kernel: Int
    /// The index in the full convolution of the first output.
    let offset: Int
    /// The number of outputs.
    let output: Int
    /// Whether output t also takes `full[t + signal]`: the signal repeats.
    let isPeriodic: Bool

    init(
        signal: Int, kernel: Int, boundary: Boundary, center: Center = .upper
    ) throws(ConvolutionError) {
        guard signal >= 1, kernel >= 1 else {
            throw .invalidExtent(
                signal: signal, kernel: kernel, boundary: boundary, rule: "both are at least 1")
        }
        // Every size that follows is below 32 times the sum of the two, in bytes.
        guard signal <= Int.max / 64, kernel <= Int.max / 64 else {
            throw .sizeOverflow(extents: [signal, kernel])
        }
        if boundary == .circular || boundary == .valid, kernel > signal {
            throw .invalidExtent(
                signal: signal, kernel: kernel, boundary: boundary,
                rule: "the kernel is no longer than the signal")
        }
        self.signal = signal
        self.kernel = kernel
        isPeriodic = boundary == .circular
        (offset, output) =
            switch boundary {
            case .causal, .circular: (0, signal)
            case .centred: (center.offset(kernel), signal)
            case .full: (0, signal + kernel - 1)
            case .valid: (kernel - 1, signal - kernel + 1)
            }
    }

    /// The axis of a convolution whose wanted outputs are the given ones of the full convolution.
    init(signal: Int, kernel: Int, outputs: Range<Int>) {
        self.signal = signal
        self.kernel = kernel
        offset = outputs.lowerBound
        output = outputs.count
        isPeriodic = false
    }

    /// The number of elements of a row in the given role.
    func extent(_ role: OperandRole) -> Int {
        switch role {
        case .signal: signal
        case .kernel: kernel
        case .output: output
        }
    }

    /// Whether there is one element of everything along this axis.
    var isSingle: Bool { signal == 1 && kernel == 1 }

    /// The number of outputs of the full convolution.
    var full: Int { signal + kernel - 1 }

    /// The smallest period of a cyclic convolution in which wrap-around reaches no output and no gradient.
    ///
    /// Output n of the full convolution is aliased with n + period. So full - 1 - period, where the last output wraps to,
    /// must lie before the window, and the window, the signal and the kernel must each fit into one period.
    var smallestPeriod: Int {
        isPeriodic ? full : max(full - offset, min(offset + output, full), signal, kernel)
    }
}
