import CVectorLoops
import Runtime

/// A worker that convolves rows as products of spectra.
///
/// It processes one row at a time. With several threads (`workerCount`), the tasks and blocks of that one row are
/// spread over them, which is for few long rows; with one, everything happens on the caller's thread.
final class SpectralRowConvolver<Scalar: ConvolutionScalar> {
    let transform: SpectralTransform<Scalar>
    let sizes: TransformSizes
    let orientation: Orientation
    /// The bytes of a row that are prefetched, by role.
    private let (signalBytes, kernelBytes, outputBytes): (Int, Int, Int)
    private let loops: Loops
    private let workerCount: Int
    let layout: WorkspaceLayout
    let queue: PrefetchQueue
    /// What the loops prefetch: the queue, unless threads share a row or a row is so short that nothing comes in bursts.
    private let prefetchesInLoops: UnsafeMutablePointer<vl_prefetches>?
    private let memory: UnsafeMutableRawPointer

    /// The spectrum of the kernel that rows are multiplied by.
    let prepared: UnsafeMutablePointer<Scalar>
    /// A spectrum in which the kernel's gradient is summed; it may be longer, for `kernelBlocks`.
    let sum: UnsafeMutablePointer<Scalar>
    /// Room for two rows of kernel.
    let kernelRows: UnsafeMutablePointer<Scalar>
    let signalWork: UnsafeMutablePointer<Scalar>
    let upstreamWork: UnsafeMutablePointer<Scalar>
    /// For a kernel that meets one row; it is where `prepared` is.
    let kernelWork: UnsafeMutablePointer<Scalar>
    private let privateMemory: UnsafeMutablePointer<Scalar>

    init(_ transform: SpectralTransform<Scalar>, _ key: PlanKey, workerCount: Int) {
        self.transform = transform
        sizes = transform.sizes
        orientation = key.orientation
        let longest =
            workerCount > 1
            ? 0
            : transform.laneLoops == nil
                ? CostModel.longestRowPrefetchedInBursts : CostModel.longestPrefetchedRow
        func prefetched(_ role: OperandRole) -> Int {
            let byteCount = key.count(role) * MemoryLayout<Scalar>.stride
            return byteCount <= longest ? byteCount : 0
        }
        (signalBytes, kernelBytes, outputBytes) = (
            prefetched(.signal), prefetched(.kernel), prefetched(.output)
        )
        let isShort = sizes.spectrumCount <= CostModel.longestTransformBetweenPrefetches
        queue = PrefetchQueue(isImmediate: isShort)
        prefetchesInLoops = workerCount == 1 && !isShort ? queue.prefetches : nil
        self.workerCount = workerCount
        loops = Scalar.vectorLoops
        layout = WorkspaceLayout(sizes, key, workerCount: workerCount)
        memory = MemoryPool.shared.allocate(byteCount: layout.byteCount)
        signalWork = memory.bindMemory(to: Scalar.self, capacity: layout.count)
        upstreamWork = signalWork + layout.work
        prepared = upstreamWork + layout.work
        kernelWork = prepared
        sum = prepared + layout.spectrum
        kernelRows = sum + layout.sum
        privateMemory = kernelRows + 2 * layout.kernelRow
    }

    deinit {
        queue.deallocate()
        MemoryPool.shared.recycle(memory, byteCount: layout.byteCount)
    }

    /// The bytes of the workspace.
    var byteCount: Int { layout.byteCount }

    /// Fills the workspace with zeros.
    func clear() { signalWork.update(repeating: 0, count: layout.count) }

    // MARK: - Convolution and pullback

    /// Writes the spectrum of a row.
    func transform(
        _ row: UnsafePointer<Scalar>, _ role: OperandRole, into spectrum: UnsafeMutablePointer<Scalar>
    ) {
        prepareRow(row, role, into: signalWork)
        forEach(sizes.blockCount) { block, memory in
            transform.transform(
                block, of: signalWork, into: spectrum + 2 * block * sizes.blockLength, memory.context(role))
        }
    }

    /// output = signal * kernel
    func convolve(
        _ signal: UnsafePointer<Scalar>, with prepared: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        queue.divide()
        prepareRow(signal, .signal, into: signalWork)
        forEach(sizes.blockCount) { block, memory in
            queue.step()
            transform.convolve(
                block, of: signalWork, with: prepared + 2 * block * sizes.blockLength, orientation, memory)
            queue.step()
        }
        finishRow(signalWork, .output, into: output)
    }

    /// Sets the sum of the kernel's gradient to zero.
    func clear(_ sum: UnsafeMutablePointer<Scalar>) { sum.update(repeating: 0, count: layout.spectrum) }

    /// The pullback of one output row: the signal's gradient (unless `nil`), and the row's term of the kernel's
    /// gradient, added to `sum` (unless `nil`).
    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>,
        prepared: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, addingTo sum: UnsafeMutablePointer<Scalar>?
    ) {
        queue.divide()
        prepareRow(upstream, .output, into: upstreamWork)
        if sum != nil { prepareRow(signal, .signal, into: signalWork) }
        forEach(sizes.blockCount) { block, memory in
            let offset = 2 * block * sizes.blockLength
            queue.step()
            transform.pullBack(
                block, of: upstreamWork, signal: signalWork, kernel: prepared + offset, orientation,
                isSignalWanted: signalGradient != nil, addingTo: sum.map { $0 + offset }, memory)
            queue.step()
        }
        if let signalGradient { finishRow(upstreamWork, .signal, into: signalGradient) }
    }

    /// Writes the row whose spectrum is `spectrum`, which is destroyed.
    func inverseTransform(
        _ spectrum: UnsafeMutablePointer<Scalar>, _ role: OperandRole, into row: UnsafeMutablePointer<Scalar>
    ) {
        forEach(sizes.blockCount) { block, memory in
            transform.inverseTransform(
                block, from: spectrum + 2 * block * sizes.blockLength, into: signalWork, memory.context(role))
        }
        finishRow(signalWork, role, into: row)
    }

    /// FFTW's part of transforming a row, alone.
    func executeFFTs(_ role: OperandRole) {
        forEach(sizes.taskCount(role)) { task, memory in
            transform.executeTaskFFTs(task, role, signalWork, scratch: memory.scratch)
        }
        forEach(sizes.blockCount) { block, memory in
            transform.executeBlockFFTs(block, signalWork, into: memory.first, scratch: memory.scratch)
        }
    }

    // MARK: - Prefetching

    /// Prefetches a row that will be read soon.
    func prefetch(_ row: UnsafePointer<Scalar>, _ role: OperandRole) {
        queue.read(row, byteCount: prefetchedBytes(role))
    }

    /// Prefetches a row that will be written soon.
    func prefetchForWriting(_ row: UnsafeMutablePointer<Scalar>, _ role: OperandRole) {
        queue.write(row, byteCount: prefetchedBytes(role))
    }

    private func prefetchedBytes(_ role: OperandRole) -> Int {
        switch role {
        case .signal: signalBytes
        case .kernel: kernelBytes
        case .output: outputBytes
        }
    }

    // MARK: - Stages

    func prepareRow(
        _ source: UnsafePointer<Scalar>, _ role: OperandRole, into work: UnsafeMutablePointer<Scalar>
    ) {
        forEach(sizes.taskCount(role)) { task, memory in
            transform.prepareRow(task, of: source, into: work, memory.context(role))
        }
    }

    func finishRow(
        _ work: UnsafeMutablePointer<Scalar>, _ role: OperandRole, into target: UnsafeMutablePointer<Scalar>
    ) {
        forEach(sizes.taskCount(role)) { task, memory in
            transform.finishRow(task, work, into: target, memory.context(role))
        }
    }

    func forEach(_ count: Int, _ body: (_ index: Int, _ memory: BlockMemory<Scalar>) -> Void) {
        if workerCount == 1 || count == 1 {
            for index in 0..<count { body(index, memory(of: 0)) }
        } else {
            parallelFor(count, workers: min(workerCount, count)) { index, worker in
                body(index, memory(of: worker))
            }
        }
    }

    private func memory(of worker: Int) -> BlockMemory<Scalar> {
        let first = privateMemory + worker * (2 * layout.block + layout.scratch)
        return BlockMemory(
            worker: worker, first: first, second: first + layout.block, scratch: first + 2 * layout.block,
            loops: loops, prefetches: prefetchesInLoops)
    }
}
