/// The Fourier transforms that a convolution executes, without everything between them: the floor under its time.
@_spi(Benchmarks)
public struct BareTransforms<Scalar: ConvolutionScalar> {
    private let team: WorkerTeam<Scalar>
    private let partition: WorkPartition
    private let isBackward: Bool

    /// Those of a forward pass, or of a backward pass that computes both gradients.
    public init(
        _ convolution: LongConvolution<Scalar>, _ pairing: Pairing, isBackward: Bool
    ) throws(ConvolutionError) {
        partition = WorkPartition(pairing: pairing, signalCount: 1)
        team = try WorkerTeam(
            convolution.plan, rows: partition.rowCount, tasks: partition.taskCount)
        self.isBackward = isBackward
        team.clear()
    }

    /// The bytes of the workspace that the convolution takes beyond its operands.
    public var workspaceByteCount: Int { team.byteCount }

    /// Executes them once, on the same threads as the convolution.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func execute() {
        team.forEachTask(partition.taskCount) { task, convolver in
            guard case .spectral(let convolver) = convolver else { return }
            convolver.executeFFTs(.kernel)
            for _ in partition.rows(of: task) {
                convolver.executeFFTs(.output)
                convolver.executeFFTs(.signal)
                if isBackward { convolver.executeFFTs(.signal) }
            }
            // The parts of a kernel's gradient are transformed back once, together.
            if isBackward, task % partition.tasksPerKernel == 0 { convolver.executeFFTs(.kernel) }
        }
    }
}
