import CLongConvolution
import Convolution

/// The rows of one operand in a tile, as the engine takes them.
struct TileRows<Scalar> {
    let start: UnsafeMutablePointer<Scalar>
    let samples: Int
    let channels: Int
    let rowCount: Int
    let strides: RowStrides

    /// From the first scalar to behind the last.
    private var count: Int { (samples - 1) * strides.sample + (channels - 1) * strides.channel + rowCount }
    var input: UnsafeBufferPointer<Scalar> { UnsafeBufferPointer(start: start, count: count) }
    var output: UnsafeMutableBufferPointer<Scalar> { UnsafeMutableBufferPointer(start: start, count: count) }

    /// Row `sample · channels + channel`.
    func mutableRow(_ index: Int) -> UnsafeMutableBufferPointer<Scalar> {
        let (sample, channel) = index.quotientAndRemainder(dividingBy: channels)
        return UnsafeMutableBufferPointer(
            start: start + sample * strides.sample + channel * strides.channel, count: rowCount)
    }

    func row(_ index: Int) -> UnsafeBufferPointer<Scalar> { UnsafeBufferPointer(mutableRow(index)) }
}

/// A part of a call's batch, all operands of which the engine can use.
struct Tile<Scalar: ConvolutionScalar> {
    let isPerSample: Bool
    let part: BatchPart
    /// By operand.
    var rows = [TileRows<Scalar>?](repeating: nil, count: Operand.allCases.count)

    init(isPerSample: Bool, part: BatchPart) {
        self.isPerSample = isPerSample
        self.part = part
    }

    subscript(operand: Operand) -> TileRows<Scalar>? {
        get { rows[operand.rawValue] }
        set { rows[operand.rawValue] = newValue }
    }

    private var pairing: Pairing {
        let (batch, channels) = (part.samples.count, part.channels.count)
        return isPerSample
            ? .perSample(batch: batch, channels: channels) : .shared(batch: batch, channels: channels)
    }

    private var gates: Gates<Scalar> {
        Gates(
            input: self[.inputGate]?.input, output: self[.outputGate]?.input, skip: self[.skip]?.input,
            inputStrides: self[.inputGate]?.strides, outputStrides: self[.outputGate]?.strides)
    }

    private var isGated: Bool { [Operand.inputGate, .outputGate, .skip].contains { self[$0] != nil } }

    // MARK: - Calls of the engine

    /// Writes the output.
    func apply(_ kind: ConvolutionKind<Scalar>) throws(Refusal) {
        let joined = try joinedKernels(kind)
        let strides = strides(kernel: joined)
        let kernel = joined?.input ?? self[.kernel]!.input
        let (signal, output) = (self[.signal]!.input, self[.output]!.output)
        try engine { () throws(ConvolutionError) in
            if isGated {
                try kind.convolution.apply(
                    signal, kernel: kernel, pairing, gates: gates, into: output,
                    ungated: self[.ungatedOutput]?.output, strides: strides)
            } else {
                try kind.convolution.apply(signal, kernel: kernel, pairing, into: output, strides: strides)
            }
        }
        withExtendedLifetime(joined) {}
    }

    /// Writes the output, from held spectra.
    func apply(
        _ kind: ConvolutionKind<Scalar>, _ spectrum: KernelSpectrum<Scalar>
    ) throws(Refusal) {
        try engine { () throws(ConvolutionError) in
            try kind.convolution.apply(
                self[.signal]!.input, spectrum: spectrum, pairing, gates: gates,
                into: self[.output]!.output, strides: strides(kernel: nil))
        }
    }

    /// Writes the gradients that are wanted.
    func gradients(_ kind: ConvolutionKind<Scalar>) throws(Refusal) {
        let joined = try joinedKernels(kind)
        let (forward, backward) = (self[.kernelGradient], self[.reverseKernelGradient])
        let isKernelWanted = forward != nil || backward != nil
        let joinedGradient: ContiguousRows<Scalar>? =
            if let joined, isKernelWanted {
                try ContiguousRows(count: joined.count, rowCount: kind.joinedLength)
            } else { nil }
        let strides = strides(kernel: joined)
        let (signal, kernel) = (self[.signal]!.input, joined?.input ?? self[.kernel]!.input)
        let kernelGradient = joined == nil ? forward?.output : joinedGradient?.output
        let upstream = self[.upstream]!.input
        try engine { () throws(ConvolutionError) in
            if isGated {
                try kind.convolution.gradients(
                    signal, kernel: kernel, pairing, gates: gates, upstream: upstream,
                    ungated: self[.keptUngatedOutput]?.input,
                    into: GatedGradients(
                        signal: self[.signalGradient]?.output, kernel: kernelGradient,
                        inputGate: self[.inputGateGradient]?.output,
                        outputGate: self[.outputGateGradient]?.output, skip: self[.skipGradient]?.output,
                        inputGateStrides: self[.inputGateGradient]?.strides,
                        outputGateStrides: self[.outputGateGradient]?.strides),
                    strides: strides)
            } else {
                try kind.convolution.gradients(
                    signal, kernel: kernel, pairing, upstream: upstream,
                    signalGradient: self[.signalGradient]?.output, kernelGradient: kernelGradient,
                    strides: strides)
            }
        }
        if let joinedGradient { kind.split(joinedGradient, forward: forward, backward: backward) }
        withExtendedLifetime((joined, joinedGradient)) {}
    }

    private func joinedKernels(_ kind: ConvolutionKind<Scalar>) throws(Refusal) -> ContiguousRows<Scalar>? {
        try kind.joined([self[.kernel], self[.reverseKernel]].compactMap(\.self))
    }

    /// The strides of all operands; joined kernels are contiguous.
    private func strides(kernel joined: ContiguousRows<Scalar>?) -> OperandStrides {
        OperandStrides(
            signal: self[.signal]?.strides, kernel: joined == nil ? self[.kernel]?.strides : nil,
            output: (self[.output] ?? self[.upstream])?.strides,
            signalGradient: self[.signalGradient]?.strides,
            kernelGradient: joined == nil ? self[.kernelGradient]?.strides : nil)
    }
}
