import Runtime

/// The workspace of a worker that convolves by adding up the products: the fastest way for short kernels, and one
/// whose every output is accurate by itself.
///
/// The row, with what lies beyond its ends, is copied to where each output t is the sum of `weights[j] · padded[t + j]`;
/// so every boundary is the same to the loops.
final class DirectLane<Scalar: ConvolutionScalar> {
    private let key: PlanKey
    private let loops: Loops
    /// Extents of rows and columns (a line is a plane of one row), and of what is padded.
    private let signal, kernel, output, padded: Plane
    private let memory: UnsafeMutableRawPointer
    let byteCount: Int

    /// The weights: the kernel, reversed for true convolution.
    let prepared: UnsafeMutablePointer<Scalar>
    let sum: UnsafeMutablePointer<Scalar>
    let kernelRows: UnsafeMutablePointer<Scalar>
    private let paddedSignal: UnsafeMutablePointer<Scalar>
    private let paddedUpstream: UnsafeMutablePointer<Scalar>

    private struct Plane {
        let height: Int
        let width: Int
        var count: Int { height * width }
    }

    init(_ key: PlanKey) {
        self.key = key
        loops = Scalar._loops
        func plane(_ extent: (Axis) -> Int) -> Plane {
            Plane(height: key.axes.count == 1 ? 1 : extent(key.axes[0]), width: extent(key.axes.last!))
        }
        signal = plane(\.signal)
        kernel = plane(\.kernel)
        output = plane(\.output)
        padded = plane { $0.output + $0.kernel - 1 }
        // The upstream cotangent is padded by a kernel less one at either end.
        let upstreamCount = plane { $0.output + 2 * ($0.kernel - 1) }.count
        let kernelCount = wholeLines(kernel.count)
        let counts = [
            kernelCount, kernelCount, 2 * kernelCount, wholeLines(padded.count),
            wholeLines(max(upstreamCount, padded.count)),
        ]
        byteCount = counts.reduce(0, +) * MemoryLayout<Scalar>.stride
        memory = MemoryPool.shared.allocate(byteCount: byteCount)
        prepared = memory.bindMemory(to: Scalar.self, capacity: counts.reduce(0, +))
        sum = prepared + counts[0]
        kernelRows = sum + counts[1]
        paddedSignal = kernelRows + counts[2]
        paddedUpstream = paddedSignal + counts[3]
    }

    deinit { MemoryPool.shared.recycle(memory, byteCount: byteCount) }

    func prepare(_ kernel: UnsafePointer<Scalar>, into weights: UnsafeMutablePointer<Scalar>) {
        copyWeights(kernel, into: weights)
    }

    func convolve(
        _ signal: UnsafePointer<Scalar>, with weights: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        pad(signal, into: paddedSignal)
        output.update(repeating: 0, count: self.output.count)
        correlate(paddedSignal, width: padded.width, weights, into: output, self.output)
    }

    func clear(_ sum: UnsafeMutablePointer<Scalar>) { sum.update(repeating: 0, count: kernel.count) }

    func pullBack(
        _ upstream: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>,
        prepared weights: UnsafePointer<Scalar>,
        into signalGradient: UnsafeMutablePointer<Scalar>?, addingTo sum: UnsafeMutablePointer<Scalar>?
    ) {
        if let sum {
            pad(signal, into: paddedSignal)
            for row in 0..<output.height {
                for kernelRow in 0..<kernel.height {
                    loops.pointee.correlate_sums(
                        paddedSignal + (row + kernelRow) * padded.width, upstream + row * output.width,
                        output.width,
                        sum + kernelRow * kernel.width, kernel.width)
                }
            }
        }
        guard let signalGradient else { return }
        // ∂padded[i] = Σ_j weights[j] · upstream[i - j]: a correlation with the weights reversed, in `kernelRows`.
        let reversed = kernelRows
        for index in 0..<kernel.count { reversed[index] = weights[kernel.count - 1 - index] }
        let (top, left) = (kernel.height - 1, kernel.width - 1)
        let width = output.width + 2 * left
        paddedUpstream.update(repeating: 0, count: (output.height + 2 * top) * width)
        for row in 0..<output.height {
            (paddedUpstream + (row + top) * width + left).update(
                from: upstream + row * output.width, count: output.width)
        }
        paddedSignal.update(repeating: 0, count: padded.count)
        correlate(paddedUpstream, width: width, reversed, into: paddedSignal, padded)
        unpad(paddedSignal, into: signalGradient)
    }

    func storeKernelGradient(_ sum: UnsafeMutablePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>)
    {
        copyWeights(sum, into: gradient)
    }

    /// Between the order of the kernel and that of the weights, either way.
    private func copyWeights(_ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>) {
        switch key.orientation {
        case .convolution: for index in 0..<kernel.count { target[index] = source[kernel.count - 1 - index] }
        case .correlation: target.update(from: source, count: kernel.count)
        }
    }

    /// target[y, x] += Σ weights[a, b] · source[y + a, x + b]
    private func correlate(
        _ source: UnsafePointer<Scalar>, width: Int, _ weights: UnsafePointer<Scalar>,
        into target: UnsafeMutablePointer<Scalar>, _ plane: Plane
    ) {
        for row in 0..<plane.height {
            for kernelRow in 0..<kernel.height {
                loops.pointee.correlate(
                    source + (row + kernelRow) * width, weights + kernelRow * kernel.width, kernel.width,
                    target + row * plane.width, plane.width)
            }
        }
    }

    /// Copies a row with what lies beyond its ends.
    private func pad(_ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>) {
        target.update(repeating: 0, count: padded.count)
        forEachPiece { piece in
            (target + piece.padded).update(from: source + piece.signal, count: piece.count)
        }
    }

    /// The way back: adds up what was copied.
    private func unpad(_ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>) {
        target.update(repeating: 0, count: signal.count)
        forEachPiece { piece in
            loops.pointee.add_scaled(source + piece.padded, 1, target + piece.signal, piece.count)
        }
    }

    /// Visits the runs of consecutive elements that the padded row shares with the signal.
    private func forEachPiece(_ body: ((padded: Int, signal: Int, count: Int)) -> Void) {
        let vertical = key.axes.count == 1 ? [(padded: 0, signal: 0, count: 1)] : key.axes[0].paddedRuns
        let horizontal = key.axes.last!.paddedRuns
        for rows in vertical {
            for row in 0..<rows.count {
                for run in horizontal {
                    body(
                        (
                            padded: (rows.padded + row) * padded.width + run.padded,
                            signal: (rows.signal + row) * signal.width + run.signal, count: run.count
                        ))
                }
            }
        }
    }
}

extension Axis {
    /// Where the elements of the signal stand among the output + kernel - 1 elements that the outputs are made of.
    ///
    /// Output t is the sum over j of weights[j] · x[t + j + offset - (K - 1)], and x repeats where it is periodic.
    fileprivate var paddedRuns: [(padded: Int, signal: Int, count: Int)] {
        let first = offset - (kernel - 1), end = first + output + kernel - 1
        let turns = isPeriodic ? [-1, 0] : [0]
        return turns.compactMap { turn in
            let lower = max(first, turn * signal), upper = min(end, (turn + 1) * signal)
            return lower < upper
                ? (padded: lower - first, signal: lower - turn * signal, count: upper - lower) : nil
        }
    }
}

extension PlanKey {
    /// Whether the kernel is so short that adding up the products is faster than transforming.
    ///
    /// The crossover was measured, forward and backward together; see Docs/Decisions/0003.
    var isBestDirect: Bool {
        switch axes.count {
        case 1: axes[0].kernel <= 24 && axes[0].signal >= axes[0].kernel
        default: axes[0].kernel * axes[1].kernel <= 25 && axes.allSatisfy { $0.signal >= $0.kernel }
        }
    }
}
