import Runtime

/// Convolution that mixes channels: output[b, o] = Σ_i signal[b, i] * kernel[o, i].
///
/// In the frequency domain this is a product of matrices for each frequency. Every row's spectrum is computed once,
/// the products are computed for a range of frequencies at a time, small enough that the spectra of all rows in that
/// range stay in the cache, and every output is transformed back once. Memory: the spectra of all kernels, and of one
/// signal's rows and one output's, also for several signals against the same kernels.
struct DenseConvolution<Scalar: ConvolutionScalar> {
    let plan: Plan<Scalar>
    let transform: SpectralTransform<Scalar>
    let batch: Int
    let inputs: Int
    let outputs: Int

    /// Complex numbers in a spectrum.
    private var count: Int { plan.preparedCount / 2 }
    private var loops: Loops { Scalar.vectorLoops }

    private typealias Spectra = PooledArray<Scalar>

    private var signalRows: Int { batch * inputs }
    private var kernelRows: Int { outputs * inputs }
    private var outputRows: Int { batch * outputs }

    /// Writes the outputs of several signals against the same kernels, which are transformed once.
    func apply(
        _ signals: [UnsafePointer<Scalar>], kernel: UnsafePointer<Scalar>,
        into outputs: [UnsafeMutablePointer<Scalar>]
    ) throws(ConvolutionError) {
        guard !signals.isEmpty else { return }
        let team = try team(spectra: [signalRows, kernelRows, outputRows])
        let k = transformed(kernel, .kernel, rows: kernelRows, team)
        let u = spectra(signalRows), y = spectra(outputRows)
        let isConvolution = plan.key.orientation == .convolution
        for (signal, output) in zip(signals, outputs) {
            transform(signal, .signal, rows: signalRows, into: u, team)
            forEachRange { range in
                for o in 0..<self.outputs {
                    for b in 0..<batch {
                        clear(y, b * self.outputs + o, range)
                        for i in 0..<inputs {
                            add(
                                u, b * inputs + i, times: k, o * inputs + i, conjugated: !isConvolution,
                                to: y, b * self.outputs + o, range)
                        }
                    }
                }
            }
            store(y, .output, rows: outputRows, into: output, team)
        }
    }

    /// One of the signals of a backward pass, whose upstream cotangent is not zero.
    struct Pullback {
        let signal: UnsafePointer<Scalar>
        let upstream: UnsafePointer<Scalar>
        /// Receives the signal's gradient, unless `nil`.
        let signalGradient: UnsafeMutablePointer<Scalar>?
    }

    /// Writes the signals' gradients, and the kernels', which is the sum over all signals.
    func gradients(
        _ pullbacks: [Pullback], kernel: UnsafePointer<Scalar>, kernelGradient: UnsafeMutablePointer<Scalar>?
    ) throws(ConvolutionError) {
        let wantsSignals = pullbacks.contains { $0.signalGradient != nil }
        let team = try team(
            spectra: [outputRows] + (wantsSignals ? [kernelRows, signalRows] : [])
                + (kernelGradient != nil ? [kernelRows, signalRows] : []))
        let g = spectra(outputRows)
        let k = wantsSignals ? transformed(kernel, .kernel, rows: kernelRows, team) : nil
        let dx = wantsSignals ? spectra(signalRows) : nil
        let u = kernelGradient.map { _ in spectra(signalRows) }
        let dk = kernelGradient.map { _ in spectra(kernelRows) }
        for (number, pullback) in pullbacks.enumerated() {
            guard pullback.signalGradient != nil || dk != nil else { continue }
            transform(pullback.upstream, .output, rows: outputRows, into: g, team)
            if let signalGradient = pullback.signalGradient, let k, let dx {
                pullBackToSignal(g, k, into: dx)
                store(dx, .signal, rows: signalRows, into: signalGradient, team)
            }
            if let u, let dk {
                transform(pullback.signal, .signal, rows: signalRows, into: u, team)
                pullBackToKernel(g, u, addingTo: dk, isFirst: number == 0)
            }
        }
        if let dk, let kernelGradient { store(dk, .kernel, rows: kernelRows, into: kernelGradient, team) }
    }

    /// dx[b, i] = Σ_o G[b, o] · conj K[o, i], or G · K for correlation.
    private func pullBackToSignal(_ g: Spectra, _ k: Spectra, into dx: Spectra) {
        let isConvolution = plan.key.orientation == .convolution
        forEachRange { range in
            for b in 0..<batch {
                for i in 0..<inputs {
                    clear(dx, b * inputs + i, range)
                    for o in 0..<outputs {
                        add(
                            g, b * outputs + o, times: k, o * inputs + i, conjugated: isConvolution,
                            to: dx, b * inputs + i, range)
                    }
                }
            }
        }
    }

    /// dk[o, i] += Σ_b G[b, o] · conj U[b, i], or U · conj G for correlation.
    private func pullBackToKernel(_ g: Spectra, _ u: Spectra, addingTo dk: Spectra, isFirst: Bool) {
        let isConvolution = plan.key.orientation == .convolution
        forEachRange { range in
            for o in 0..<outputs {
                for i in 0..<inputs {
                    if isFirst { clear(dk, o * inputs + i, range) }
                    for b in 0..<batch {
                        let (first, row, second, other) =
                            isConvolution
                            ? (g, b * outputs + o, u, b * inputs + i)
                            : (u, b * inputs + i, g, b * outputs + o)
                        add(
                            first, row, times: second, other, conjugated: true, to: dk, o * inputs + i,
                            range)
                    }
                }
            }
        }
    }

    /// - Parameter spectra: The rows of each array of spectra.
    private func team(spectra: [Int]) throws(ConvolutionError) -> WorkerTeam<Scalar> {
        var arrays: [Int] = []
        for rows in spectra {
            arrays.append(try checkedProduct([rows, 2 * count, MemoryLayout<Scalar>.stride]))
        }
        let rows = spectra.reduce(0, +)
        return try WorkerTeam(plan, rows: rows, tasks: rows, besides: arrays)
    }

    private func spectra(_ rows: Int) -> Spectra { Spectra(count: rows * 2 * count) }

    private func transformed(
        _ base: UnsafePointer<Scalar>, _ role: OperandRole, rows: Int, _ team: WorkerTeam<Scalar>
    ) -> Spectra {
        let spectra = spectra(rows)
        transform(base, role, rows: rows, into: spectra, team)
        return spectra
    }

    private func transform(
        _ base: UnsafePointer<Scalar>, _ role: OperandRole, rows: Int, into spectra: Spectra,
        _ team: WorkerTeam<Scalar>
    ) {
        let rowCount = plan.key.count(role)
        team.forEachTask(rows) { row, convolver in
            guard case .spectral(let convolver) = convolver else { return }
            convolver.transform(base + row * rowCount, role, into: spectra.pointer + row * 2 * count)
        }
    }

    private func store(
        _ spectra: Spectra, _ role: OperandRole, rows: Int, into base: UnsafeMutablePointer<Scalar>,
        _ team: WorkerTeam<Scalar>
    ) {
        let rowCount = plan.key.count(role)
        team.forEachTask(rows) { row, convolver in
            guard case .spectral(let convolver) = convolver else { return }
            convolver.inverseTransform(spectra.pointer + row * 2 * count, role, into: base + row * rowCount)
        }
    }

    /// Calls `body` for ranges of frequencies, on all threads.
    private func forEachRange(_ body: (Range<Int>) -> Void) {
        let length = CostModel.denseRange
        parallelFor((count + length - 1) / length) { part, _ in
            body(part * length..<min((part + 1) * length, count))
        }
    }

    /// A range of the spectrum of a row.
    private func part(_ spectra: Spectra, _ row: Int, _ range: Range<Int>) -> UnsafeMutablePointer<Scalar> {
        spectra.pointer + 2 * (row * count + range.lowerBound)
    }

    private func clear(_ sums: Spectra, _ sum: Int, _ range: Range<Int>) {
        part(sums, sum, range).update(repeating: 0, count: 2 * range.count)
    }

    private func add(
        _ a: Spectra, _ row: Int, times b: Spectra, _ other: Int, conjugated: Bool, to sums: Spectra,
        _ sum: Int, _ range: Range<Int>
    ) {
        let (a, b, sums) = (part(a, row, range), part(b, other, range), part(sums, sum, range))
        if let lanes = transform.laneLoops {
            // Ranges, like spectra, consist of whole vectors.
            let count = range.count / Int(lanes.pointee.lanes)
            (conjugated ? lanes.pointee.accumulate_conjugate : lanes.pointee.accumulate)(a, b, sums, count)
        } else {
            (conjugated ? loops.pointee.accumulate_conjugate : loops.pointee.accumulate)(
                a, b, sums, range.count)
        }
    }
}
