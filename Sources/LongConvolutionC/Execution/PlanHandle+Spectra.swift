import CLongConvolution
import Convolution
import Runtime

/// Held kernel spectra behind a handle, of either precision.
protocol AnySpectrum: AnyObject, Sendable {
    var byteCount: Int { get }
}

/// The spectra of kernels, in the order of their rows.
final class SpectrumHandle<Scalar: ConvolutionScalar>: AnySpectrum {
    let spectrum: KernelSpectrum<Scalar>
    /// The description of the plan that made it.
    let description: Description

    init(_ spectrum: KernelSpectrum<Scalar>, _ description: Description) {
        self.spectrum = spectrum
        self.description = description
    }

    var byteCount: Int { spectrum.byteCount }
}

extension PlanHandle {
    /// The spectra of the kernels.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func spectrum(_ operands: UnsafePointer<longconv_operands>?) throws(Refusal) -> any AnySpectrum {
        let operands = try checked(operands, required: description.kernels)
        let layout = layouts[Operand.kernel.rawValue]
        let all = BatchPart(samples: 0..<layout.samples, channels: 0..<layout.channels)
        var kernels: [ContiguousRows<Scalar>] = []
        for operand in description.kernels {
            let rows = try ContiguousRows<Scalar>(count: all.rowCount, rowCount: layout.rowCount)
            if !layout.isEmpty, let start = operands.pointer(operand, Scalar.self) {
                RowCopy(start, layouts[operand.rawValue], all, rows: rows.start).gather()
            }
            kernels.append(rows)
        }
        var spectrum: KernelSpectrum<Scalar>?
        try operands.threads.with { () throws(Refusal) in
            let joined = try kind.joined(kernels.map(\.rows))
            spectrum = try engine { () throws(ConvolutionError) in
                try kind.convolution.spectrum(of: joined?.input ?? kernels[0].input)
            }
        }
        withExtendedLifetime(kernels) {}
        return SpectrumHandle(spectrum!, description)
    }

    /// output, from the signal and held spectra.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func apply(
        _ spectrum: any AnySpectrum, _ operands: UnsafePointer<longconv_operands>?
    ) throws(Refusal) {
        guard let handle = spectrum as? SpectrumHandle<Scalar> else {
            throw Refusal(
                LONGCONV_INVALID_ARGUMENT, "expected a spectrum of the plan's precision, got another")
        }
        try expect(
            description.hasSameSpectra(as: handle.description),
            "expected a spectrum of a plan of the same shape, boundary, center, orientation, lag, exact_head and rigour, got one of another"
        )
        let layout = layouts[Operand.kernel.rawValue]
        let count = layout.samples * layout.channels
        try expect(
            handle.spectrum.count == count,
            "expected the spectra of \(count) kernels, got \(handle.spectrum.count)")
        let taken = description.besidesKernels + [.output]
        let operands = try checked(operands, required: taken)
        guard description.hasRows else { return }
        let tiling = try Tiling<Scalar>(
            description, operands, layouts, taken, fewestChannels: description.channels,
            fewestSamples: description.isPerSample ? description.batch : 1)
        try tiling.forEachTile { (tile) throws(Refusal) in try tile.apply(kind, handle.spectrum) }
    }
}
