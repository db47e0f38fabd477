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
    ///   - pullBack: Makes the sums of kernels' gradients over some groups, if they are wanted, and each row's term of the
    ///     skip's, [B, C]; and writes what belongs to these samples, or to all.
    func sumOverBatch(
        channels: Int, in partition: BatchPartition, kernel: UnsafeMutableBufferPointer<Float>?,
        skip: UnsafeMutableBufferPointer<Float>? = nil,
        pullBack: (_ sums: SumsOverGroups<Float>?, _ skipTerms: UnsafeMutablePointer<Double>?) -> Void
    ) {
        let rows = partition.samples.count * channels
        withUnsafeTemporaryAllocation(of: Double.self, capacity: skip == nil ? 1 : rows) { memory in
            let terms = skip == nil ? nil : memory.baseAddress!
            if kernel == nil { pullBack(nil, terms) }
            guard kernel != nil || skip != nil else { return }
            partition.withSums(
                floats: kernel == nil ? 0 : channels * kernelSumCount, doubles: skip == nil ? 0 : channels
            ) { groups, sums in
                if kernel != nil { pullBack(SumsOverGroups(groups, kernels: sums.floats), terms) }
                guard let terms else { return }
                for channel in 0..<channels {
                    sums.doubles[channel] = groups.sum { terms[$0 * channels + channel] }
                }
            } _: { sums in
                if let kernel {
                    requireSuccess { () throws(ConvolutionError) in
                        try kernelGradients(fromSums: sums.floats, into: kernel)
                    }
                }
                if let skip { for channel in 0..<channels { skip[channel] = Float(sums.doubles[channel]) } }
            }
        }
    }
}
