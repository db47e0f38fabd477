/// Which outputs of a convolution are kept, and what the signal is taken to be beyond its ends.
///
/// With a signal x of length L and a kernel k of length K, the full convolution along one axis is
/// `full[n] = Σ_s k[s] · x[n - s]` for 0 ≤ n < L + K - 1, x being zero outside. In two dimensions a boundary holds
/// for both axes, except ``causal``, which is for one dimension.
public enum Boundary: String, Sendable, Hashable, CaseIterable, Codable {
    /// `y[t] = full[t]` for 0 ≤ t < L: no output depends on a later sample. One dimension.
    case causal
    /// `y[t] = full[t + ⌊K/2⌋]` for 0 ≤ t < L: as long as the signal, the kernel's centre at ⌊K/2⌋.
    case centred
    /// `y[t] = Σ_s k[s] · x[(t - s) mod L]` for 0 ≤ t < L: the signal repeats. Needs K ≤ L.
    case circular
    /// Every output, L + K - 1 of them.
    case full
    /// `y[t] = full[t + K - 1]` for 0 ≤ t ≤ L - K: only complete overlaps. Needs K ≤ L.
    case valid
}

/// Whether the kernel is flipped, as in the convolution of mathematics, or not, as in neural networks.
public enum Orientation: Sendable, Hashable {
    /// True convolution: `full[n] = Σ_s k[s] · x[n - s]`.
    case convolution
    /// Convolution with the reversed kernel: `full[n] = Σ_s k[K - 1 - s] · x[n - s]`, so that for ``Boundary/valid``
    /// `y[t] = Σ_s k[s] · x[t + s]`.
    case correlation
}

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

    init(signal: Int, kernel: Int, boundary: Boundary) throws(ConvolutionError) {
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
            case .centred: (kernel / 2, signal)
            case .full: (0, signal + kernel - 1)
            case .valid: (kernel - 1, signal - kernel + 1)
            }
    }

    /// The number of elements of a row in the given role.
    func extent(_ role: Role) -> Int {
        switch role {
        case .signal: signal
        case .kernel: kernel
        case .output: output
        }
    }

    /// The number of outputs of the full convolution.
    var full: Int { signal + kernel - 1 }

    /// The smallest period of a ring in which what wraps around touches no output and no gradient.
    ///
    /// An output n of the full convolution meets n + period; so the last one, full - 1, less the period must lie
    /// before the window, and the window, the signal and the kernel must each fit into one period.
    var smallestPeriod: Int {
        isPeriodic ? full : max(full - offset, min(offset + output, full), signal, kernel)
    }
}
