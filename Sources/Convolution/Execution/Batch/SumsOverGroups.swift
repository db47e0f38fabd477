import Runtime

/// The groups along whose tree a backward pass sums the gradients of shared kernels, so that their bits follow from the
/// batch's size alone.
///
/// Of a part of the batch the pass leaves the sums, in the form in which they are made, for whoever has the sums over the
/// other parts: added along the tree they are those of the whole batch, to the bit.
package struct SumsOverGroups<Scalar: ConvolutionScalar> {
    /// The groups, with the samples' numbers in the call. Where kernels are shared, the gradients of other samples are not
    /// computed.
    let groups: BatchGroups
    /// Receives the sums, `[C, kernelSumCount]`; `nil` where the groups are all, and gradients are written.
    let kernels: UnsafeMutablePointer<Scalar>?

    package init(_ groups: BatchGroups, kernels: UnsafeMutablePointer<Scalar>? = nil) {
        self.groups = groups
        self.kernels = kernels
    }
}

extension LongConvolution {
    /// The scalars of the sum of which a kernel's gradient is made.
    package var kernelSumCount: Int { plan.preparedCount }

    /// Writes the gradients `[C, ...kernelExtents]` of kernels from their sums over the batch, `[C, kernelSumCount]`.
    ///
    /// - Throws: ``ConvolutionError/insufficientMemory(required:available:)`` before anything is written.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    package func kernelGradients(
        fromSums sums: UnsafePointer<Scalar>, into gradients: UnsafeMutableBufferPointer<Scalar>
    ) throws(ConvolutionError) {
        let size = plan.key.count(.kernel)
        let kernelCount = gradients.count / size
        let team = try WorkerTeam(plan, rows: kernelCount, tasks: kernelCount)
        team.forEachTask(kernelCount) { index, convolver in
            // Aligned as the transforms expect it.
            convolver.sum.update(from: sums + index * plan.preparedCount, count: plan.preparedCount)
            convolver.storeKernelGradient(convolver.sum, into: gradients.baseAddress! + index * size)
        }
    }
}
