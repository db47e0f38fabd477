import CVectorLoops

/// The Fourier transforms that a convolution executes, without all that is between them: the floor under its time.
@_spi(Benchmarks)
public struct BareTransforms<Scalar: ConvolutionScalar> {
    private let crew: Crew<Scalar>
    private let schedule: Schedule
    private let isBackward: Bool

    /// Those of a forward pass, or of a backward pass that computes both gradients.
    public init(
        _ convolution: LongConvolution<Scalar>, _ pairing: Pairing, isBackward: Bool
    ) throws(ConvolutionError) {
        schedule = Schedule(pairing: pairing, signalCount: 1)
        crew = try Crew(
            convolution.plan, rows: schedule.rowsPerKernel * schedule.kernelCount, pieces: schedule.pieceCount
        )
        self.isBackward = isBackward
        crew.clear()
    }

    /// The bytes of the workspace that the convolution takes beyond its operands.
    public var workspaceByteCount: Int { crew.byteCount }

    /// Executes them once, on the same threads as the convolution.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    public func execute() {
        crew.forEachPiece(schedule.pieceCount) { piece, lane in
            guard case .spectral(let lane) = lane else { return }
            lane.executeTransforms(.kernel)
            for _ in schedule.rows(of: piece) {
                lane.executeTransforms(.output)
                lane.executeTransforms(.signal)
                if isBackward { lane.executeTransforms(.signal) }
            }
            // The parts of a kernel's gradient are transformed back once, together.
            if isBackward, piece % schedule.chunksPerKernel == 0 { lane.executeTransforms(.kernel) }
        }
    }
}
