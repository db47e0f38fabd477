/// Which outputs of a convolution are kept, and how the signal continues beyond its ends.
///
/// With a signal x of length L and a kernel k of length K, the full convolution along one axis is
/// `full[n] = Σ_s k[s] · x[n - s]` for 0 ≤ n < L + K - 1, x being zero outside. In two dimensions a boundary holds
/// for both axes, except ``causal``, which is for one dimension.
public enum Boundary: String, Sendable, Hashable, CaseIterable, Codable {
    /// `y[t] = full[t]` for 0 ≤ t < L: no output depends on a later sample. One dimension.
    case causal
    /// `y[t] = full[t + ⌊K/2⌋]` for 0 ≤ t < L: as long as the signal, with the kernel's center at ⌊K/2⌋, or at
    /// ⌊(K - 1)/2⌋ (see ``Center``).
    case centred
    /// `y[t] = Σ_s k[s] · x[(t - s) mod L]` for 0 ≤ t < L: the signal repeats. Needs K ≤ L.
    case circular
    /// Every output, L + K - 1 of them.
    case full
    /// `y[t] = full[t + K - 1]` for 0 ≤ t ≤ L - K: only complete overlaps. Needs K ≤ L.
    case valid
}

/// Whether the kernel is flipped, as in the convolution of mathematics, or not, as in neural networks.
public enum Orientation: String, Sendable, Hashable, CaseIterable, Codable {
    /// True convolution: `full[n] = Σ_s k[s] · x[n - s]`.
    case convolution
    /// Convolution with the reversed kernel: `full[n] = Σ_s k[K - 1 - s] · x[n - s]`, so that for ``Boundary/valid``
    /// `y[t] = Σ_s k[s] · x[t + s]`.
    case correlation
}

/// Which of its two middle elements is the center of a kernel of even length, for ``Boundary/centred``. Kernels of odd length
/// have one.
///
/// A center c means `y[t] = full[t + c]`, in either orientation. PyTorch's `padding="same"`, a correlation, is ``upper`` here:
/// there k[⌊(K - 1)/2⌋] of the kernel as it lies in memory meets x[t].
public enum Center: String, Sendable, Hashable, CaseIterable, Codable {
    /// ⌊K/2⌋, as MATLAB's `conv(_, _, "same")`.
    case upper
    /// ⌊(K - 1)/2⌋, as SciPy's and NumPy's mode `"same"`.
    case lower

    /// The index in the full convolution of the first output.
    func offset(_ kernel: Int) -> Int {
        switch self {
        case .upper: kernel / 2
        case .lower: (kernel - 1) / 2
        }
    }
}
