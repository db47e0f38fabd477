extension LongConvolution {
    /// Writes the first outputs of a causal row anew, as compensated sums of their products.
    ///
    /// Rounding in a convolution by Fourier transforms is relative to the largest output; the first causal outputs, of
    /// few terms, lose most by it. An infinity or a NaN in an operand, which spoils the rest of the row, spoils only those
    /// outputs of the head that meet it.
    func writeExactHead(
        of signal: UnsafePointer<Scalar>, kernel: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        let count = min(plan.key.exactHead, plan.key.count(.output))
        guard count > 0 else { return }
        Scalar.vectorLoops.pointee.causal_head(
            signal, kernel, min(count, plan.key.count(.kernel)), output, count)
    }
}
