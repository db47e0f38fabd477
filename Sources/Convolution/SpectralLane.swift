import Runtime

/// The workspace of one worker, and what is done in it: rows transformed, multiplied, transformed back.
///
/// A lane serves one row at a time. With a crew of several, the tasks and blocks of that one row are spread over
/// threads, which is for few long rows; with a crew of one everything happens on the caller's thread.
final class SpectralLane<Scalar: ConvolutionScalar> {
    private let transform: AnyTransform<Scalar>
    /// The transform's counts, read for every row; tasks by role.
    private let (blockCount, blockLength): (Int, Int)
    private let (signalTasks, kernelTasks, outputTasks): (Int, Int, Int)
    private let orientation: Orientation
    /// The bytes of a row that are asked for beforehand, by role.
    private let (signalBytes, kernelBytes, outputBytes): (Int, Int, Int)
    private let loops: Loops
    private let crew: Int
    private let layout: Layout
    private let queue = PrefetchQueue()
    private let memory: UnsafeMutableRawPointer

    /// The spectrum of the kernel that rows are multiplied with.
    let prepared: UnsafeMutablePointer<Scalar>
    /// A spectrum in which the kernel's gradient is summed.
    let sum: UnsafeMutablePointer<Scalar>
    /// Room for two rows of kernel.
    let kernelRows: UnsafeMutablePointer<Scalar>
    private let signalWork: UnsafeMutablePointer<Scalar>
    private let upstreamWork: UnsafeMutablePointer<Scalar>
    private let privates: UnsafeMutablePointer<Scalar>

    /// How a lane's memory is divided, in scalars.
    struct Layout {
        let work: Int
        let spectrum: Int
        let block: Int
        let scratch: Int
        let kernelRow: Int
        let crew: Int

        init(_ transform: AnyTransform<Scalar>, _ key: PlanKey, crew: Int) {
            kernelRow = wholeLines(key.count(.kernel))
            work = wholeLines(2 * transform.workCount)
            spectrum = wholeLines(2 * transform.spectrumCount)
            block = wholeLines(2 * transform.blockLength)
            scratch = wholeLines(2 * transform.scratchCount)
            self.crew = crew
        }

        var count: Int { 2 * (work + spectrum + kernelRow) + crew * (2 * block + scratch) }
        var byteCount: Int { count * MemoryLayout<Scalar>.stride }
    }

    init(_ transform: AnyTransform<Scalar>, _ key: PlanKey, crew: Int) {
        self.transform = transform
        (blockCount, blockLength) = (transform.blockCount, transform.blockLength)
        (signalTasks, kernelTasks, outputTasks) = (
            transform.taskCount(.signal), transform.taskCount(.kernel), transform.taskCount(.output)
        )
        orientation = key.orientation
        (signalBytes, kernelBytes, outputBytes) =
            crew > 1
            ? (0, 0, 0)
            : (
                Self.prefetchedBytes(key.count(.signal)), Self.prefetchedBytes(key.count(.kernel)),
                Self.prefetchedBytes(key.count(.output))
            )
        self.crew = crew
        loops = Scalar._loops
        layout = Layout(transform, key, crew: crew)
        memory = MemoryPool.shared.allocate(byteCount: layout.byteCount)
        signalWork = memory.bindMemory(to: Scalar.self, capacity: layout.count)
        upstreamWork = signalWork + layout.work
        prepared = upstreamWork + layout.work
        sum = prepared + layout.spectrum
        kernelRows = sum + layout.spectrum
        privates = kernelRows + 2 * layout.kernelRow
    }

    /// Longer rows would drive out what the transforms are working on; of them the processor itself foresees most.
    private static func prefetchedBytes(_ count: Int) -> Int {
        let byteCount = count * MemoryLayout<Scalar>.stride
        return byteCount <= 8192 ? byteCount : 0
    }

    private func prefetchedBytes(_ role: Role) -> Int {
        switch role {
        case .signal: signalBytes
        case .kernel: kernelBytes
        case .output: outputBytes
        }
    }

    /// Asks for a row's memory, which will be read soon.
    func prefetch(_ row: UnsafePointer<Scalar>, _ role: Role) {
        queue.read(row, byteCount: prefetchedBytes(role))
    }

    /// Asks for a row's memory, which will be written soon.
    func prefetchForWriting(_ row: UnsafeMutablePointer<Scalar>, _ role: Role) {
        queue.write(row, byteCount: prefetchedBytes(role))
    }

    deinit { MemoryPool.shared.recycle(memory, byteCount: layout.byteCount) }

    /// Writes the spectrum of a row.
    func transform(
        _ row: UnsafePointer<Scalar>, _ role: Role, into spectrum: UnsafeMutablePointer<Scalar>
    ) {
        open(row, role, signalWork)
        forEach(blockCount) { block, memory in
            transform.transform(
                block, of: signalWork, role, into: spectrum + 2 * block * blockLength,
                scratch: memory.scratch, loops: loops)
        }
    }

    /// output = signal * kernel
    func convolve(
        _ signal: UnsafePointer<Scalar>, with prepared: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        queue.divide(into: 2 * blockCount)
        open(signal, .signal, signalWork)
        let length = blockLength
        forEach(blockCount) { block, memory in
            let kernel = prepared + 2 * block * length
            transform.transform(
                block, of: signalWork, .signal, into: memory.first, scratch: memory.scratch, loops: loops)
            queue.step()
            switch orientation {
            case .convolution: loops.pointee.multiply(memory.first, kernel, memory.first, length)
            case .correlation: loops.pointee.multiply_conjugate(memory.first, kernel, memory.first, length)
            }
            transform.untransform(
                block, from: memory.first, .output, into: signalWork, scratch: memory.scratch, loops: loops)
            queue.step()
        }
        close(signalWork, .output, output)
        queue.reset()
    }

    /// Sets the sum of the kernel's gradient to zero.
    func clear(_ sum: UnsafeMutablePointer<Scalar>) { sum.update(repeating: 0, count: layout.spectrum) }

    /// What comes back from one output row: the signal's gradient (unless `nil`), and its part of the kernel's
    /// gradient, added to `sum` (unless `nil`).
    ///
    /// With spectra G, U, K of the upstream cotangent, the signal and the kernel, ∂signal is G · conj K and the part
    /// is G · conj U; for correlation they are G · K and U · conj G.
    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>,
        prepared: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, addingTo sum: UnsafeMutablePointer<Scalar>?
    ) {
        queue.divide(into: 2 * blockCount)
        open(upstream, .output, upstreamWork)
        if sum != nil { open(signal, .signal, signalWork) }
        let length = blockLength
        forEach(blockCount) { block, memory in
            let (g, u, kernel) = (memory.first, memory.second, prepared + 2 * block * length)
            transform.transform(
                block, of: upstreamWork, .output, into: g, scratch: memory.scratch, loops: loops)
            queue.step()
            if sum != nil {
                transform.transform(
                    block, of: signalWork, .signal, into: u, scratch: memory.scratch, loops: loops)
            }
            queue.step()
            let part = sum.map { $0 + 2 * block * length }
            switch (orientation, part, signalGradient != nil) {
            case (.convolution, let part?, true): loops.pointee.pull_back(g, u, kernel, part, length)
            case (.convolution, let part?, false): loops.pointee.accumulate_conjugate(g, u, part, length)
            case (.convolution, nil, _): loops.pointee.multiply_conjugate(g, kernel, g, length)
            case (.correlation, let part, let isWanted):
                if let part { loops.pointee.accumulate_conjugate(u, g, part, length) }
                if isWanted { loops.pointee.multiply(g, kernel, g, length) }
            }
            if signalGradient != nil {
                transform.untransform(
                    block, from: g, .signal, into: upstreamWork, scratch: memory.scratch, loops: loops)
            }
        }
        if let signalGradient { close(upstreamWork, .signal, signalGradient) }
        queue.reset()
    }

    /// Writes the row of which `spectrum` is the spectrum; `spectrum` is destroyed.
    func untransform(
        _ spectrum: UnsafeMutablePointer<Scalar>, _ role: Role, into row: UnsafeMutablePointer<Scalar>
    ) {
        forEach(blockCount) { block, memory in
            transform.untransform(
                block, from: spectrum + 2 * block * blockLength, role, into: signalWork,
                scratch: memory.scratch, loops: loops)
        }
        close(signalWork, role, row)
    }

    /// Only FFTW's part of transforming a row.
    func executeTransforms(_ role: Role) {
        forEach(taskCount(role)) { task, memory in
            transform.executeOpening(task, role, signalWork, scratch: memory.scratch)
        }
        forEach(blockCount) { block, memory in
            transform.executeBlock(block, signalWork, into: memory.first, scratch: memory.scratch)
        }
    }

    /// Fills the lane's memory with zeros.
    func clear() { signalWork.update(repeating: 0, count: layout.count) }

    /// The bytes of the lane's memory.
    var byteCount: Int { layout.byteCount }

    // MARK: - Stages

    private func taskCount(_ role: Role) -> Int {
        switch role {
        case .signal: signalTasks
        case .kernel: kernelTasks
        case .output: outputTasks
        }
    }

    private func open(_ source: UnsafePointer<Scalar>, _ role: Role, _ work: UnsafeMutablePointer<Scalar>) {
        forEach(taskCount(role)) { task, memory in
            transform.open(task, of: source, role, into: work, scratch: memory.scratch, loops: loops)
        }
    }

    private func close(
        _ work: UnsafeMutablePointer<Scalar>, _ role: Role, _ target: UnsafeMutablePointer<Scalar>
    ) {
        transform.prepare(target, role)
        forEach(taskCount(role), inOrder: transform.closesInOrder(role)) { task, memory in
            transform.close(task, work, role, into: target, scratch: memory.scratch, loops: loops)
        }
    }

    private typealias Private = (
        first: UnsafeMutablePointer<Scalar>, second: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    )

    private func forEach(
        _ count: Int, inOrder: Bool = false, _ body: (_ part: Int, _ memory: Private) -> Void
    ) {
        func memory(_ worker: Int) -> Private {
            let first = privates + worker * (2 * layout.block + layout.scratch)
            return (first, first + layout.block, first + 2 * layout.block)
        }
        if crew == 1 || inOrder || count == 1 {
            for part in 0..<count { body(part, memory(0)) }
        } else {
            parallelFor(count, workers: crew) { part, worker in body(part, memory(worker)) }
        }
    }
}

/// The next multiple of 16 scalars: whole cache lines in either precision.
func wholeLines(_ count: Int) -> Int { (count + 15) / 16 * 16 }
