import Runtime

/// What a call with gates, skips and lengths expects of its arguments.
extension LongConvolution {
    /// What a call does to its rows around their convolution, checked.
    func rowOperator(
        _ pairing: Pairing, _ gates: Gates<Scalar>, _ lengths: [Int]?
    ) -> RowOperator<Scalar> {
        pairing.check()
        guard let (batch, channels) = pairing.batchAndChannels else {
            fatalError("gates and lengths are for shared and per-sample kernels, got \(pairing)")
        }
        let (signal, output) = (plan.key.count(.signal), plan.key.count(.output))
        func layout(_ rowCount: Int, _ strides: RowStrides?) -> RowLayout {
            RowLayout(samples: batch, channels: channels, rowCount: rowCount, strides: strides)
        }
        let rows = RowOperator(
            gates: gates, lengths: lengths, axis: plan.key.axes[0], channels: channels, signalCount: signal,
            outputCount: output, inputGateLayout: layout(signal, gates.inputStrides),
            outputGateLayout: layout(output, gates.outputStrides))
        if let gate = gates.input { rows.inputGateLayout.check(gate.count, "the input gate") }
        if let gate = gates.output { rows.outputGateLayout.check(gate.count, "the output gate") }
        if let skip = gates.skip {
            require(skip.count == channels, "expected a skip of \(channels) channels, got \(skip.count)")
            require(
                outputExtents == signalExtents,
                "a skip needs outputs as long as the signal, \(signalExtents), got \(outputExtents)")
        }
        if let lengths {
            require(
                plan.key.axes.count == 1 && !plan.key.axes[0].isPeriodic,
                "lengths are for one dimension and signals that do not repeat")
            require(lengths.count == batch, "expected \(batch) lengths, got \(lengths.count)")
            for length in lengths {
                require((0...signal).contains(length), "expected lengths of 0 to \(signal), got \(length)")
            }
        }
        return rows
    }

    func check(
        _ gradients: GatedGradients<Scalar>, _ layouts: RowLayouts, _ rows: RowOperator<Scalar>
    ) {
        func check(_ gradient: UnsafeMutableBufferPointer<Scalar>?, _ layout: RowLayout, _ name: String) {
            guard let gradient else { return }
            layout.check(gradient.count, name)
            layout.requireDisjointRows(name)
        }
        check(gradients.signal, layouts.signalGradient, "the signal's gradient")
        check(gradients.kernel, layouts.kernelGradient, "the kernel's gradient")
        check(
            gradients.inputGate, rows.inputGateLayout.strided(gradients.inputGateStrides),
            "the input gate's gradient")
        check(
            gradients.outputGate, rows.outputGateLayout.strided(gradients.outputGateStrides),
            "the output gate's gradient")
        if let gradient = gradients.skip {
            require(
                gradient.count == rows.channels,
                "expected a skip's gradient of \(rows.channels) channels, got \(gradient.count)")
        }
        for (gradient, operand, name) in [
            (gradients.inputGate != nil, rows.gates.input != nil, "input gate"),
            (gradients.outputGate != nil, rows.gates.output != nil, "output gate"),
            (gradients.skip != nil, rows.gates.skip != nil, "skip"),
        ] {
            require(!gradient || operand, "the gradient of \(name) is wanted, of which there is none")
        }
    }
}
