import Runtime

/// Convolution that mixes channels: output[b, o] = Σ_i signal[b, i] * kernel[o, i].
///
/// In the frequency domain this is a product of matrices for each frequency. Every row's spectrum is computed once,
/// the products are made for a range of frequencies at a time, small enough that the spectra of all rows in that
/// range stay in the cache, and every output is transformed back once. Memory: the spectra of all signals, kernels
/// and outputs.
struct DenseConvolution<Scalar: ConvolutionScalar> {
    let plan: Plan<Scalar>
    let transform: AnyTransform<Scalar>
    let batch: Int
    let inputs: Int
    let outputs: Int

    /// Complex numbers in a spectrum.
    private var count: Int { plan.preparedCount / 2 }
    private var loops: Loops { Scalar._loops }

    private struct Operand {
        let role: Role
        let base: UnsafePointer<Scalar>
        let rows: Int
        let spectra: AlignedArray<Scalar>
    }

    func apply(
        _ signal: UnsafePointer<Scalar>, kernel: UnsafePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) throws(ConvolutionError) {
        let (signals, kernels, results) = (batch * inputs, outputs * inputs, batch * outputs)
        let crew = try crew(spectra: signals + kernels + results)
        let u = transformed(signal, .signal, rows: signals, crew)
        let k = transformed(kernel, .kernel, rows: kernels, crew)
        let y = AlignedArray<Scalar>(zeros: results * 2 * count)
        let isConvolution = plan.key.orientation == .convolution
        forEachRange { range in
            for o in 0..<outputs {
                for b in 0..<batch {
                    for i in 0..<inputs {
                        add(
                            u, b * inputs + i, times: k, o * inputs + i, conjugated: !isConvolution,
                            to: y, b * outputs + o, range)
                    }
                }
            }
        }
        store(y, .output, rows: results, into: output, crew)
    }

    func gradients(
        _ signal: UnsafePointer<Scalar>, kernel: UnsafePointer<Scalar>, upstream: UnsafePointer<Scalar>,
        signalGradient: UnsafeMutablePointer<Scalar>?, kernelGradient: UnsafeMutablePointer<Scalar>?
    ) throws(ConvolutionError) {
        let (signals, kernels, results) = (batch * inputs, outputs * inputs, batch * outputs)
        let crew = try crew(spectra: 2 * signals + 2 * kernels + results)
        let g = transformed(upstream, .output, rows: results, crew)
        let isConvolution = plan.key.orientation == .convolution
        if let signalGradient {
            let k = transformed(kernel, .kernel, rows: kernels, crew)
            let dx = AlignedArray<Scalar>(zeros: signals * 2 * count)
            forEachRange { range in
                for b in 0..<batch {
                    for i in 0..<inputs {
                        for o in 0..<outputs {
                            add(
                                g, b * outputs + o, times: k, o * inputs + i, conjugated: isConvolution,
                                to: dx, b * inputs + i, range)
                        }
                    }
                }
            }
            store(dx, .signal, rows: signals, into: signalGradient, crew)
        }
        if let kernelGradient {
            let u = transformed(signal, .signal, rows: signals, crew)
            let dk = AlignedArray<Scalar>(zeros: kernels * 2 * count)
            forEachRange { range in
                for o in 0..<outputs {
                    for i in 0..<inputs {
                        for b in 0..<batch {
                            // G · conj U, or U · conj G for correlation.
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
            store(dk, .kernel, rows: kernels, into: kernelGradient, crew)
        }
    }

    private func crew(spectra: Int) throws(ConvolutionError) -> Crew<Scalar> {
        let (scalars, overflows) = spectra.multipliedReportingOverflow(
            by: 2 * count * MemoryLayout<Scalar>.stride)
        guard !overflows else { throw .sizeOverflow(extents: [spectra, count]) }
        try Machine.checkMemory(scalars)
        return try Crew(plan, rows: spectra, pieces: spectra)
    }

    private func transformed(
        _ base: UnsafePointer<Scalar>, _ role: Role, rows: Int, _ crew: Crew<Scalar>
    ) -> AlignedArray<Scalar> {
        let spectra = AlignedArray<Scalar>(zeros: rows * 2 * count)
        let rowCount = plan.key.count(role)
        crew.forEachPiece(rows) { row, lane in
            guard case .spectral(let lane) = lane else { return }
            lane.transform(base + row * rowCount, role, into: spectra.pointer + row * 2 * count)
        }
        return spectra
    }

    private func store(
        _ spectra: AlignedArray<Scalar>, _ role: Role, rows: Int, into base: UnsafeMutablePointer<Scalar>,
        _ crew: Crew<Scalar>
    ) {
        let rowCount = plan.key.count(role)
        crew.forEachPiece(rows) { row, lane in
            guard case .spectral(let lane) = lane else { return }
            lane.untransform(spectra.pointer + row * 2 * count, role, into: base + row * rowCount)
        }
    }

    /// Ranges of frequencies, on all threads.
    private func forEachRange(_ body: (Range<Int>) -> Void) {
        let length = 128
        parallelFor((count + length - 1) / length) { part, _ in
            body(part * length..<min((part + 1) * length, count))
        }
    }

    private func add(
        _ a: AlignedArray<Scalar>, _ row: Int, times b: AlignedArray<Scalar>, _ other: Int, conjugated: Bool,
        to sums: AlignedArray<Scalar>, _ sum: Int, _ range: Range<Int>
    ) {
        func part(_ spectra: AlignedArray<Scalar>, _ row: Int) -> UnsafeMutablePointer<Scalar> {
            spectra.pointer + 2 * (row * count + range.lowerBound)
        }
        if conjugated {
            loops.pointee.accumulate_conjugate(part(a, row), part(b, other), part(sums, sum), range.count)
        } else {
            loops.pointee.accumulate(part(a, row), part(b, other), part(sums, sum), range.count)
        }
    }
}
