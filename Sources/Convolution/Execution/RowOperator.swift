import Runtime

/// What a call does to its rows around their convolution: gates, skips, and the ends of rows that are shorter than others
/// (see ``Gates``). It stages what it changes in memory of the thread's own, a row at a time, which stays in the cache.
struct RowOperator<Scalar: ConvolutionScalar> {
    let gates: Gates<Scalar>
    let lengths: [Int]?
    let axis: Axis
    let channels: Int
    let signalCount: Int
    let outputCount: Int
    let inputGateLayout: RowLayout
    let outputGateLayout: RowLayout
    let loops = Scalar.vectorLoops
    /// The threads that share every row.
    var threads = 1

    /// Rows of v, of h = outputGate ⊙ upstream, and of ∂v; each as long as the longest.
    static func stagedCount(_ key: PlanKey) -> Int {
        3 * stagedRowCount(signal: key.count(.signal), output: key.count(.output))
    }

    private static func stagedRowCount(signal: Int, output: Int) -> Int {
        wholeCacheLines(max(signal, output))
    }

    /// The number of elements of a sample's signal that count.
    func signalEnd(_ sample: Int) -> Int { lengths?[sample] ?? signalCount }

    /// The number of a sample's outputs that are not zero for certain.
    func outputEnd(_ sample: Int) -> Int {
        guard let length = lengths?[sample] else { return outputCount }
        // As many as a signal of that length has.
        return length == 0 ? 0 : max(0, outputCount - (axis.signal - length))
    }

    // MARK: - Forward

    /// v, staged unless it is the signal itself.
    func gatedSignal(
        _ row: Int, _ signal: UnsafePointer<Scalar>, into staged: UnsafeMutablePointer<Scalar>
    ) -> UnsafePointer<Scalar> {
        gated(
            signal, by: gates.input.map { inputGateLayout.row(row, of: $0) }, signalEnd(row / channels),
            of: signalCount, into: staged)
    }

    /// From kernel * v in `target`, which is `output` or the row of `ungated`, to the output.
    func finish(
        _ row: Int, _ v: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>,
        into output: UnsafeMutablePointer<Scalar>
    ) {
        let end = outputEnd(row / channels)
        addSkip(row, v, to: target)
        if let gate = gates.output {
            multiply(target, outputGateLayout.row(row, of: gate), into: output, end)
        } else if target != output {
            output.update(from: target, count: end)
        }
        (output + end).update(repeating: 0, count: outputCount - end)
        if target != output { (target + end).update(repeating: 0, count: outputCount - end) }
    }

    /// target += skip v
    func addSkip(_ row: Int, _ v: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>) {
        guard let skip = gates.skip else { return }
        add(v, times: skip[row % channels], to: target, outputEnd(row / channels))
    }

    // MARK: - Backward

    /// h = outputGate ⊙ upstream, staged unless it is the upstream cotangent itself.
    func gatedUpstream(
        _ row: Int, _ upstream: UnsafePointer<Scalar>, into staged: UnsafeMutablePointer<Scalar>
    ) -> UnsafePointer<Scalar> {
        gated(
            upstream, by: gates.output.map { outputGateLayout.row(row, of: $0) }, outputEnd(row / channels),
            of: outputCount, into: staged)
    }

    /// ∂outputGate = upstream ⊙ (kernel * v + skip v)
    func storeOutputGateGradient(
        _ row: Int, _ upstream: UnsafePointer<Scalar>, ungated: UnsafePointer<Scalar>,
        into gradient: UnsafeMutablePointer<Scalar>
    ) {
        let end = outputEnd(row / channels)
        multiply(upstream, ungated, into: gradient, end)
        (gradient + end).update(repeating: 0, count: outputCount - end)
    }

    /// ∂skip of one row: the sum of h ⊙ v, in pieces that are summed in double precision.
    func skipGradient(_ h: UnsafePointer<Scalar>, _ v: UnsafePointer<Scalar>) -> Double {
        var sum = 0.0
        for start in stride(from: 0, to: outputCount, by: 4096) {
            var piece: Scalar = 0
            withUnsafeMutablePointer(to: &piece) {
                loops.pointee.correlate_sums(v + start, h + start, min(4096, outputCount - start), $0, 1)
            }
            sum += Double(piece)
        }
        return sum
    }

    /// From correlation(kernel, h) in `gradient` to ∂v, and from it ∂u = inputGate ⊙ ∂v and ∂inputGate = u ⊙ ∂v.
    func finishSignalGradient(
        _ row: Int, _ gradient: UnsafeMutablePointer<Scalar>, h: UnsafePointer<Scalar>,
        signal: UnsafePointer<Scalar>, into signalGradient: UnsafeMutablePointer<Scalar>?,
        _ gateGradient: UnsafeMutablePointer<Scalar>?
    ) {
        let end = signalEnd(row / channels)
        if let skip = gates.skip { add(h, times: skip[row % channels], to: gradient, end) }
        if let signalGradient {
            if let gate = gates.input {
                multiply(gradient, inputGateLayout.row(row, of: gate), into: signalGradient, end)
            }
            (signalGradient + end).update(repeating: 0, count: signalCount - end)
        }
        if let gateGradient {
            multiply(signal, gradient, into: gateGradient, end)
            (gateGradient + end).update(repeating: 0, count: signalCount - end)
        }
    }

    /// The staged rows of a thread: v, h, ∂v.
    func stagedRows(
        _ memory: UnsafeMutablePointer<Scalar>
    ) -> (
        v: UnsafeMutablePointer<Scalar>, h: UnsafeMutablePointer<Scalar>, dv: UnsafeMutablePointer<Scalar>
    ) {
        let count = Self.stagedRowCount(signal: signalCount, output: outputCount)
        return (memory, memory + count, memory + 2 * count)
    }

    // MARK: - Loops

    /// A row times its gate up to its end and zero from there, staged unless that is the row itself.
    private func gated(
        _ elements: UnsafePointer<Scalar>, by gate: UnsafePointer<Scalar>?, _ end: Int, of count: Int,
        into staged: UnsafeMutablePointer<Scalar>
    ) -> UnsafePointer<Scalar> {
        guard gate != nil || end < count else { return elements }
        if let gate {
            multiply(elements, gate, into: staged, end)
        } else {
            staged.update(from: elements, count: end)
        }
        (staged + end).update(repeating: 0, count: count - end)
        return UnsafePointer(staged)
    }

    private func multiply(
        _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, into product: UnsafeMutablePointer<Scalar>,
        _ count: Int
    ) {
        forEachPart(count) {
            loops.pointee.multiply_reals(
                a + $0.lowerBound, b + $0.lowerBound, product + $0.lowerBound, $0.count)
        }
    }

    private func add(
        _ a: UnsafePointer<Scalar>, times factor: Scalar, to sum: UnsafeMutablePointer<Scalar>, _ count: Int
    ) {
        forEachPart(count) {
            loops.pointee.add_scaled(a + $0.lowerBound, Double(factor), sum + $0.lowerBound, $0.count)
        }
    }

    /// Parts of a row, on the threads that share it.
    private func forEachPart(_ count: Int, _ body: (Range<Int>) -> Void) {
        let part = 1 << 14
        guard threads > 1, count > part else { return body(0..<count) }
        parallelFor((count + part - 1) / part, workers: threads) { index, _ in
            body(index * part..<min((index + 1) * part, count))
        }
    }
}
