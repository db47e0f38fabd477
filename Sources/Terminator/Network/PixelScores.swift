import Tensors

extension Network {
    /// The hyper interactions' gates σ((w_c m_c²) (w_s m_s²)) in evaluation, from 0 to 1, averaged over the channels:
    /// `[B, *S]` for each block.
    ///
    /// A gate multiplies the block's input at each position. Its scores are taken of the output of the global
    /// interaction; see ``HyperInteraction``.
    ///
    /// - Parameter input: `[B, C, *S]`.
    /// - Complexity: that of reading the input.
    public func pixelScores(of input: Tensor) -> [Tensor] {
        checkShape(of: input)
        var pass = evaluationPass
        var outputs: [Tensor] = []
        var scores: [Tensor] = []
        for (index, (block, size)) in zip(blocks, configuration.blocks).enumerated() {
            pass.within(NetworkPart.blocks, index) { pass in
                let maps = block.maps(of: outputs.last ?? input, in: &pass)
                scores.append(maps.hyperGate.mean(overAxes: [1]))
                let narrow = block.narrowed(maps, skips: size.skips.map { outputs[$0] })
                outputs.append(block.output(narrow, in: &pass))
            }
        }
        return scores
    }
}
