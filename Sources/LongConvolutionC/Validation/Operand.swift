import CLongConvolution

/// The operands of a call, in the order of `longconv_operand`, of a descriptor's layouts and of `longconv_operands`.
enum Operand: Int, CaseIterable, Sendable {
    case signal, kernel, reverseKernel, inputGate, outputGate, skip, output, upstream
    case signalGradient, kernelGradient, reverseKernelGradient, inputGateGradient, outputGateGradient
    case skipGradient, ungatedOutput, keptUngatedOutput

    /// Those for which a descriptor has layouts; the others are contiguous.
    static let described = allCases.prefix(Int(LONGCONV_OPERAND_COUNT))

    /// Whose rows an operand has.
    enum Shape: Sendable {
        case signal, kernel, output
        /// One number a channel.
        case channel
    }

    var shape: Shape {
        switch self {
        case .signal, .inputGate, .signalGradient, .inputGateGradient: .signal
        case .kernel, .reverseKernel, .kernelGradient, .reverseKernelGradient: .kernel
        case .outputGate, .output, .upstream, .outputGateGradient, .ungatedOutput, .keptUngatedOutput: .output
        case .skip, .skipGradient: .channel
        }
    }

    /// Whether it is written.
    var isWritten: Bool { self == .output || self == .ungatedOutput || isGradient }

    /// Whether it is written by longconv_gradients, if it is wanted.
    var isGradient: Bool { differentiated != nil }

    /// What a gradient is of.
    var differentiated: Operand? {
        switch self {
        case .signalGradient: .signal
        case .kernelGradient: .kernel
        case .reverseKernelGradient: .reverseKernel
        case .inputGateGradient: .inputGate
        case .outputGateGradient: .outputGate
        case .skipGradient: .skip
        default: nil
        }
    }

    /// The name of the field in longconv_operands.
    var name: String {
        switch self {
        case .signal: "signal"
        case .kernel: "kernel"
        case .reverseKernel: "reverse_kernel"
        case .inputGate: "input_gate"
        case .outputGate: "output_gate"
        case .skip: "skip"
        case .output: "output"
        case .upstream: "upstream"
        case .signalGradient: "signal_gradient"
        case .kernelGradient: "kernel_gradient"
        case .reverseKernelGradient: "reverse_kernel_gradient"
        case .inputGateGradient: "input_gate_gradient"
        case .outputGateGradient: "output_gate_gradient"
        case .skipGradient: "skip_gradient"
        case .ungatedOutput: "ungated_output"
        case .keptUngatedOutput: "kept_ungated_output"
        }
    }

    /// The field of a call.
    func pointer(in operands: longconv_operands) -> UnsafeMutableRawPointer? {
        switch self {
        case .signal: UnsafeMutableRawPointer(mutating: operands.signal)
        case .kernel: UnsafeMutableRawPointer(mutating: operands.kernel)
        case .reverseKernel: UnsafeMutableRawPointer(mutating: operands.reverse_kernel)
        case .inputGate: UnsafeMutableRawPointer(mutating: operands.input_gate)
        case .outputGate: UnsafeMutableRawPointer(mutating: operands.output_gate)
        case .skip: UnsafeMutableRawPointer(mutating: operands.skip)
        case .output: operands.output
        case .upstream: UnsafeMutableRawPointer(mutating: operands.upstream)
        case .signalGradient: operands.signal_gradient
        case .kernelGradient: operands.kernel_gradient
        case .reverseKernelGradient: operands.reverse_kernel_gradient
        case .inputGateGradient: operands.input_gate_gradient
        case .outputGateGradient: operands.output_gate_gradient
        case .skipGradient: operands.skip_gradient
        case .ungatedOutput: operands.ungated_output
        case .keptUngatedOutput: UnsafeMutableRawPointer(mutating: operands.kept_ungated_output)
        }
    }
}
