import CLongConvolution
import Convolution
import Runtime

/// A plan behind a handle, of either precision.
protocol AnyPlan: AnyObject, Sendable {
    var outputExtents: [Int] { get }
    func apply(_ operands: UnsafePointer<longconv_operands>?) throws(Refusal)
    func apply(
        _ spectrum: any AnySpectrum, _ operands: UnsafePointer<longconv_operands>?
    ) throws(Refusal)
    func gradients(_ operands: UnsafePointer<longconv_operands>?) throws(Refusal)
    func spectrum(_ operands: UnsafePointer<longconv_operands>?) throws(Refusal) -> any AnySpectrum
}

/// The plan of a descriptor.
func makePlan(_ descriptor: UnsafePointer<longconv_descriptor>?) throws(Refusal) -> any AnyPlan {
    let description = try Description(descriptor)
    return description.isSinglePrecision
        ? try PlanHandle<Float>(description) : try PlanHandle<Double>(description)
}

/// A convolution, and where the operands of its calls lie.
final class PlanHandle<Scalar: ConvolutionScalar>: AnyPlan {
    let description: Description
    let kind: ConvolutionKind<Scalar>
    let layouts: [OperandLayout]
    /// What each call takes.
    private let forwardOperands: [Operand]
    private let backwardInputs: [Operand]
    private let gradientOperands: [Operand]
    /// What it may have besides.
    private let ungatedOutputs: (written: [Operand], kept: [Operand])

    init(_ description: Description) throws(Refusal) {
        self.description = description
        kind = try engine { () throws(ConvolutionError) in try ConvolutionKind(description) }
        layouts = try description.layouts(outputExtents: kind.convolution.outputExtents)
        let inputs = description.kernels + description.besidesKernels
        (forwardOperands, backwardInputs) = (inputs + [.output], inputs + [.upstream])
        gradientOperands = description.gradients
        ungatedOutputs = description.ungatedOutputs
    }

    var outputExtents: [Int] { kind.convolution.outputExtents }

    /// output, from signal and kernel and the parts that the plan has.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func apply(_ operands: UnsafePointer<longconv_operands>?) throws(Refusal) {
        let ungated = ungatedOutputs.written
        let operands = try checked(operands, required: forwardOperands, optional: ungated)
        guard description.hasRows else { return }
        try Tiling<Scalar>(description, operands, layouts, forwardOperands + ungated).forEachTile {
            (tile) throws(Refusal) in try tile.apply(kind)
        }
    }

    /// The gradients that are wanted.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    func gradients(_ operands: UnsafePointer<longconv_operands>?) throws(Refusal) {
        let kept = ungatedOutputs.kept
        let operands = try checked(operands, required: backwardInputs, optional: gradientOperands + kept)
        let wanted = gradientOperands.filter(operands.contains)
        guard description.hasRows else { return clear(wanted, operands) }
        guard !wanted.isEmpty else { return }
        // What all samples share is a sum over them.
        let sumsSamples = wanted.contains { layouts[$0.rawValue].samples != description.batch }
        let tiling = try Tiling<Scalar>(
            description, operands, layouts, backwardInputs + kept + wanted,
            fewestSamples: sumsSamples ? description.batch : 1)
        try tiling.forEachTile { (tile) throws(Refusal) in try tile.gradients(kind) }
    }

    /// The gradients of sums over no samples.
    private func clear(_ gradients: [Operand], _ operands: CallOperands) {
        for gradient in gradients {
            let layout = layouts[gradient.rawValue]
            guard !layout.isEmpty, let start = operands.pointer(gradient, Scalar.self) else { continue }
            let zeros = AlignedArray<Scalar>(zeros: layout.rowCount)
            for channel in 0..<layout.channels {
                let row = BatchPart(samples: 0..<1, channels: channel..<channel + 1)
                RowCopy(start, layout, row, rows: zeros.pointer).scatter()
            }
        }
    }

    func checked(
        _ operands: UnsafePointer<longconv_operands>?, required: [Operand], optional: [Operand] = []
    ) throws(Refusal) -> CallOperands {
        try CallOperands(
            operands, required: required, optional: optional, layouts: layouts,
            scalarSize: MemoryLayout<Scalar>.stride)
    }
}
