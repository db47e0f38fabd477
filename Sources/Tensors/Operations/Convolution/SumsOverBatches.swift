import Convolution
import Runtime

extension LongConvolution<Float> {
    /// Writes those gradients of a convolution that are sums over a batch which is distributed over processes.
    ///
    /// - Parameters:
    ///   - channels: The number C of channels.
    ///   - partition: How the batch is distributed.
    ///   - kernel: Receives the gradients of shared kernels, unless they are not wanted.
    ///   - skip: Receives that of the skip, likewise.
    ///   - pullBack: Writes what belongs to the samples of some groups, and the sums that make the gradients of shared kernels,
    ///     if there are any; and each row's term of the skip's, [B, C].
    func sumOverBatch(
        channels: Int, in partition: BatchPartition, kernel: UnsafeMutableBufferPointer<Float>?,
        skip: UnsafeMutableBufferPointer<Float>? = nil,
        pullBack: (_ sums: SumsOverGroups<Float>?, _ skipTerms: UnsafeMutablePointer<Double>?) -> Void
    ) {
        let termCount = skip == nil ? 0 : partition.samples.count * channels
        withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, termCount)) { memory in
            let terms = memory.baseAddress!
            if kernel == nil { pullBack(nil, skip.map { _ in terms }) }
            guard kernel != nil || skip != nil else { return }
            partition.withSums(
                floats: kernel == nil ? 0 : channels * kernelSumCount, doubles: skip == nil ? 0 : channels
            ) { groups, sums in
                if kernel != nil {
                    pullBack(SumsOverGroups(groups, kernels: sums.floats), skip.map { _ in terms })
                }
                for channel in skip?.indices ?? 0..<0 {
                    sums.doubles[channel] = groups.sum { terms[$0 * channels + channel] }
                }
            } _: { sums in
                if let kernel {
                    requireSuccess { () throws(ConvolutionError) in
                        try kernelGradients(fromSums: sums.floats, into: kernel)
                    }
                }
                if let skip { for channel in skip.indices { skip[channel] = Float(sums.doubles[channel]) } }
            }
        }
    }
}
