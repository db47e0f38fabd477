import Convolution
import Runtime

extension LongConvolution<Float> {
    /// Writes those gradients of a convolution that are sums over a batch, along the tree of its groups.
    ///
    /// - Parameters:
    ///   - samples: The number of samples here.
    ///   - channels: The number C of channels.
    ///   - partition: How the batch is distributed over processes, if it is.
    ///   - kernel: Receives the gradients of shared kernels, unless they are not wanted.
    ///   - skip: Receives that of the skip, likewise.
    ///   - pullBack: Writes what belongs to these samples, and the gradients of shared kernels or their sums over some groups
    ///     or neither, as the first two say; and each row's term of the skip's, [B, C].
    func sumOverBatch(
        samples: Int, channels: Int, in partition: BatchPartition?,
        kernel: UnsafeMutableBufferPointer<Float>?, skip: UnsafeMutableBufferPointer<Float>? = nil,
        pullBack: (
            _ kernel: UnsafeMutableBufferPointer<Float>?, _ sums: SumsOverGroups<Float>?,
            _ skipTerms: UnsafeMutablePointer<Double>?
        ) -> Void
    ) {
        withUnsafeTemporaryAllocation(
            of: Double.self, capacity: skip == nil ? 1 : max(1, samples * channels)
        ) { memory in
            let terms = skip == nil ? nil : memory.baseAddress!
            func sum(_ channel: Int, over groups: BatchGroups) -> Double {
                groups.sum { terms![$0 * channels + channel] }
            }
            guard let partition, kernel != nil || skip != nil else {
                let groups = BatchGroups(samples: samples)
                pullBack(kernel, kernel.map { _ in SumsOverGroups(groups) }, terms)
                if let skip {
                    for channel in skip.indices { skip[channel] = Float(sum(channel, over: groups)) }
                }
                return
            }
            if kernel == nil { pullBack(nil, nil, terms) }
            partition.withSums(
                floats: kernel == nil ? 0 : channels * kernelSumCount, doubles: skip == nil ? 0 : channels
            ) { groups, sums in
                if kernel != nil { pullBack(nil, SumsOverGroups(groups, kernels: sums.floats), terms) }
                if let skip {
                    for channel in skip.indices { sums.doubles[channel] = sum(channel, over: groups) }
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
