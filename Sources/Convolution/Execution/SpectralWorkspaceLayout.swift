extension SpectralRowConvolver {
    /// The parts of a convolver's workspace, in scalars: for each of two rows a whole transform, a spectrum, another that has at least
    /// two blocks for each thread, two rows of kernel, and for each thread two blocks of a spectrum and the transform's scratch.
    struct WorkspaceLayout {
        let work: Int
        let spectrum: Int
        /// A spectrum in which gradients are summed, or the blocks of kernels that meet one row.
        let sum: Int
        let block: Int
        let scratch: Int
        let kernelRow: Int
        let workerCount: Int

        init(_ sizes: TransformSizes, _ key: PlanKey, workerCount: Int) {
            kernelRow = wholeCacheLines(key.count(.kernel))
            work = wholeCacheLines(2 * sizes.workCount)
            spectrum = wholeCacheLines(2 * sizes.spectrumCount)
            block = wholeCacheLines(2 * sizes.blockLength)
            sum =
                sizes.blockCount == 1
                ? spectrum : max(spectrum, 2 * min(workerCount, sizes.blockCount) * block)
            scratch = wholeCacheLines(2 * sizes.scratchCount)
            self.workerCount = workerCount
        }

        var count: Int { shared + workerCount * (2 * block + scratch) }
        private var shared: Int { 2 * (work + kernelRow) + spectrum + sum }
        var byteCount: Int { count * MemoryLayout<Scalar>.stride }

        /// ``byteCount`` for any number of threads.
        ///
        /// - Throws: ``ConvolutionError/sizeOverflow(extents:)``
        func checkedByteCount() throws(ConvolutionError) -> Int {
            let scalar = MemoryLayout<Scalar>.stride
            return try checkedSum([
                shared * scalar, checkedProduct([workerCount, 2 * block + scratch, scalar]),
            ])
        }
    }
}
