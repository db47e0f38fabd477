import Runtime
import Tensors

/// The intermediate results of a block, from its input to its bottleneck. All feature maps are `[B, C, *S]`.
struct BlockActivations {
    /// W: the global hyper-kernel, `[C, *S]`.
    var globalKernel: Tensor
    /// Ŵ = W ⊙ x: the Z·W kernels, one for each sample.
    var contextKernel: Tensor
    /// The gated units' features, of x and of Ŵ.
    var fast: Tensor
    /// The mixed channels.
    var mixed: Tensor
    /// The gated channels.
    var weighted: Tensor
    /// Ŵ acting on `fast`.
    var out: Tensor
    /// Ŵ acting on `mixed`.
    var outMixed: Tensor
    /// Ŵ acting on `weighted`.
    var outWeighted: Tensor
    /// σ(out) ⊙ out.
    var gated: Tensor
    /// The hyper interaction's gate.
    var hyperGate: Tensor
    /// The input times the hyper interaction's gate.
    var hyper: Tensor
    /// The kernels of the local branches, `[1 or B, C, k, ...]`, or as many for each segment of a sequence.
    var localKernels: [Tensor]
    /// The local branches.
    var local: [Tensor]

    /// The number of maps that are concatenated, skips aside.
    static let concatenatedCount = 10

    /// The maps in the order of the bottleneck's columns with their numbers of copies: 1 for C channels, n for a skip
    /// with C / n channels.
    ///
    /// - Parameter skips: up to two maps, each with a number of channels that divides x's.
    func inOrder(with skips: [Tensor]) -> [(map: Tensor, copies: Int)] {
        let channels = out.shape[1]
        let skips = skips.map { skip in
            require(
                channels % skip.shape[1] == 0,
                "expected a skip whose channels divide \(channels), got \(skip.shape)")
            return (map: skip, copies: channels / skip.shape[1])
        }
        func once(_ maps: Tensor...) -> [(map: Tensor, copies: Int)] { maps.map { ($0, 1) } }
        return once(out, local[1]) + skips.prefix(1)
            + once(fast, outMixed, local[0], gated, local[2], outWeighted, local[3])
            + skips.dropFirst() + once(hyper)
    }
}
