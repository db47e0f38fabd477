extension SpectralRowConvolver {
    /// The parts of a convolver's workspace, in scalars: for each of two rows a whole transform, two spectra, two rows of
    /// kernel, and for each thread two blocks of a spectrum and the transform's scratch.
    struct WorkspaceLayout {
        let work: Int
        let spectrum: Int
        let block: Int
        let scratch: Int
        let kernelRow: Int
        let workerCount: Int

        init(_ sizes: TransformSizes, _ key: PlanKey, workerCount: Int) {
            kernelRow = wholeCacheLines(key.count(.kernel))
            work = wholeCacheLines(2 * sizes.workCount)
            spectrum = wholeCacheLines(2 * sizes.spectrumCount)
            block = wholeCacheLines(2 * sizes.blockLength)
            scratch = wholeCacheLines(2 * sizes.scratchCount)
            self.workerCount = workerCount
        }

        var count: Int { 2 * (work + spectrum + kernelRow) + workerCount * (2 * block + scratch) }
        var byteCount: Int { count * MemoryLayout<Scalar>.stride }

        /// ``byteCount`` for any number of threads.
        ///
        /// - Throws: ``ConvolutionError/sizeOverflow(extents:)``
        func checkedByteCount() throws(ConvolutionError) -> Int {
            let scalar = MemoryLayout<Scalar>.stride
            let shared = 2 * (work + spectrum + kernelRow)
            return try checkedSum([
                shared * scalar, checkedProduct([workerCount, 2 * block + scratch, scalar]),
            ])
        }
    }
}
