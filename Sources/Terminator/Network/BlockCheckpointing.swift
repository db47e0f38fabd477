import Tensors

/// What a training keeps of its forward pass for the gradient.
public enum Checkpointing: String, Sendable, CaseIterable {
    /// All feature maps.
    case none
    /// The input of each block: its maps are computed again when its gradient is taken, with the same bits. The memory of a
    /// training is that of one block's maps, whatever the number of blocks, and a step takes a forward pass longer.
    case blocks
}

extension SlowFastBlock {
    /// The block's output and global hyper-kernel, as a segment of its own where gradients are taken.
    func segment(
        _ input: Tensor, skips: [Tensor], dropout: Tensor?, checkpointing: Checkpointing,
        in pass: inout ForwardPass
    ) -> (output: Tensor, kernel: Tensor) {
        // Without parameters that are recorded there is no training, and a pass through a stream is not copied.
        guard offset.isRecorded else { return self(input, skips: skips, dropout: dropout, in: &pass) }
        let start = pass
        let (results, end) = segment([input] + skips, recomputes: checkpointing == .blocks) {
            block, operands in
            var pass = start
            let (output, kernel) = block(
                operands[0], skips: Array(operands[1...]), dropout: dropout, in: &pass)
            return ([output, kernel], pass)
        }
        pass = end
        return (results[0], results[1])
    }
}
