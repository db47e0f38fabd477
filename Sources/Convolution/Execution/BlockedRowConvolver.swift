import Runtime

/// A worker that cuts rows or planes into blocks which stay in the cache, for kernels much shorter than the signal
/// (overlap-save): outputs t ..< t + B depend on B + K - 1 elements of the signal, whose complete overlaps they are.
///
/// Backward, the gradient of B elements of the signal depends on B + K - 1 elements of the upstream cotangent. Both it and
/// the block's term of the kernel's gradient are those of the full convolution of the B elements.
///
/// With several threads (`workerCount`), the blocks of one row are spread over them. Blocks are taken in segments, and the
/// kernel's gradient is summed in each segment and then over the segments, so the bits do not depend on the threads.
///
/// Source: T. G. Stockham, "High-speed convolution and correlation" (1966).
final class BlockedRowConvolver<Scalar: ConvolutionScalar> {
    private let blocks: RowBlocks<Scalar>
    private let workers: [Worker]
    private let loops = Scalar.vectorLoops
    /// The sum of a segment, where one thread takes the segments one after the other; else a sum for each segment.
    private let segmentSums: PooledArray<Scalar>
    let byteCount: Int

    /// The convolvers of one thread, and room for a block's elements.
    private final class Worker {
        let forward: SpectralRowConvolver<Scalar>
        let backward: SpectralRowConvolver<Scalar>
        let span: PooledArray<Scalar>
        let block: PooledArray<Scalar>

        init(_ blocks: RowBlocks<Scalar>) {
            forward = SpectralRowConvolver(blocks.forward, blocks.forwardKey, workerCount: 1)
            backward = SpectralRowConvolver(blocks.backward, blocks.backwardKey, workerCount: 1)
            span = PooledArray(count: blocks.forwardKey.count(.signal))
            block = PooledArray(count: blocks.forwardKey.count(.output))
        }
    }

    init(_ blocks: RowBlocks<Scalar>, workerCount: Int) {
        self.blocks = blocks
        workers = (0..<workerCount).map { _ in Worker(blocks) }
        segmentSums = PooledArray(count: blocks.sumCount * (workerCount == 1 ? 1 : blocks.segmentCount))
        byteCount = blocks.workspaceByteCount(workerCount: workerCount)
    }

    var prepared: UnsafeMutablePointer<Scalar> { workers[0].forward.prepared }
    var sum: UnsafeMutablePointer<Scalar> { workers[0].forward.sum }
    var kernelRows: UnsafeMutablePointer<Scalar> { workers[0].forward.kernelRows }

    func prepare(_ kernel: UnsafePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>) {
        workers[0].forward.transform(kernel, .kernel, into: spectrum)
    }

    func clear(_ sum: UnsafeMutablePointer<Scalar>) { workers[0].forward.clear(sum) }

    func storeKernelGradient(_ sum: UnsafeMutablePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>)
    {
        workers[0].backward.inverseTransform(sum, .kernel, into: gradient)
    }

    /// output = signal * kernel
    func convolve(
        _ signal: UnsafePointer<Scalar>, with prepared: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        forEachSegment { segment, worker in
            let range = blocks.blocks(ofSegment: segment)
            var nextSpan = blocks.span(of: range.lowerBound, .signal)
            for block in range {
                let span = blocks.signal.part(
                    nextSpan, of: signal, repeats: blocks.isPeriodic, stagedIn: worker.span.pointer)
                nextSpan = blocks.span(of: block + 1, .signal)
                let place = blocks.place(of: block)
                let isDirect = blocks.output.holdsInOneRun(place)
                let target = isDirect ? output + place[0].lowerBound : worker.block.pointer
                if isDirect { worker.forward.prefetchForWriting(target, .output) }
                if blocks.signal.holdsInOneRun(nextSpan) {
                    worker.forward.prefetch(signal + newElement(nextSpan), .output)
                }
                worker.forward.convolve(span, with: prepared, into: target)
                if !isDirect { blocks.output.store(target, into: output, at: place) }
            }
        }
    }

    /// The pullback of one output row: the signal's gradient (unless `nil`), and the row's term of the kernel's
    /// gradient, added to `sum` (unless `nil`).
    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>, prepared: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, addingTo sum: UnsafeMutablePointer<Scalar>?
    ) {
        let isShared = workers.count > 1
        func sumOfSegment(_ segment: Int) -> UnsafeMutablePointer<Scalar> {
            segmentSums.pointer + (isShared ? segment * blocks.sumCount : 0)
        }
        func add(_ segment: Int) {
            guard let sum else { return }
            loops.pointee.add_scaled(sumOfSegment(segment), 1, sum, blocks.sumCount)
        }
        forEachSegment { segment, worker in
            let segmentSum = sum == nil ? nil : sumOfSegment(segment)
            if let segmentSum { worker.backward.clear(segmentSum) }
            let range = blocks.blocks(ofSegment: segment)
            var nextSpan = blocks.span(of: range.lowerBound, .output)
            var nextPlace = blocks.place(of: range.lowerBound)
            for block in range {
                let place = nextPlace
                nextPlace = blocks.place(of: block + 1)
                let span = blocks.output.part(
                    nextSpan, of: upstream, repeats: blocks.isPeriodic, stagedIn: worker.span.pointer)
                nextSpan = blocks.span(of: block + 1, .output)
                let elements =
                    segmentSum == nil
                    ? signal
                    : blocks.signal.part(place, of: signal, repeats: false, stagedIn: worker.block.pointer)
                let isDirect = blocks.signal.holdsInOneRun(place)
                // The block's elements were read by the time that its gradient is written.
                let target = signalGradient.map {
                    isDirect ? $0 + place[0].lowerBound : worker.block.pointer
                }
                if isDirect, let target { worker.backward.prefetchForWriting(target, .signal) }
                if blocks.output.holdsInOneRun(nextSpan) {
                    worker.backward.prefetch(upstream + newElement(nextSpan), .signal)
                }
                if segmentSum != nil, blocks.signal.holdsInOneRun(nextPlace) {
                    worker.backward.prefetch(signal + nextPlace[0].lowerBound, .signal)
                }
                worker.backward.pullBack(
                    span, signal: elements, prepared: prepared, into: target, addingTo: segmentSum)
                if let target, let signalGradient, !isDirect {
                    blocks.signal.store(target, into: signalGradient, at: place)
                }
            }
            if !isShared { add(segment) }
        }
        if isShared { for segment in 0..<blocks.segmentCount { add(segment) } }
    }

    /// The first of the B elements that a span, in one run, does not share with the span before it.
    private func newElement(_ span: [Range<Int>]) -> Int {
        span[0].upperBound - blocks.forwardKey.count(.output)
    }

    private func forEachSegment(_ body: (_ segment: Int, _ worker: Worker) -> Void) {
        if workers.count == 1 {
            for segment in 0..<blocks.segmentCount { body(segment, workers[0]) }
        } else {
            parallelFor(blocks.segmentCount, workers: workers.count) { body($0, workers[$1]) }
        }
    }
}
