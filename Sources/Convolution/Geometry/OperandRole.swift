/// What a row is in a convolution, which says where its elements lie in the period.
enum OperandRole: Int, Sendable, CaseIterable {
    /// The signal, or its gradient.
    case signal
    /// The kernel, or its gradient.
    case kernel
    /// The output, or its cotangent.
    case output
}

extension Axis {
    /// Where the rows of a role lie. For correlation the signal's spectrum is multiplied by the kernel's conjugated,
    /// which is the kernel at the positions 0, -1, ..., so outputs lie K - 1 before those of convolution.
    func interval(of role: OperandRole, orientation: Orientation) -> WrappedInterval {
        switch role {
        case .signal: WrappedInterval(start: 0, count: signal)
        case .kernel: WrappedInterval(start: 0, count: kernel)
        case .output:
            WrappedInterval(
                start: orientation == .convolution ? offset : offset - (kernel - 1), count: output,
                repeatDistance: isPeriodic ? signal : 0, repeatCount: isPeriodic ? kernel - 1 : 0)
        }
    }
}
