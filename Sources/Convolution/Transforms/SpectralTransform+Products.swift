import CVectorLoops

/// The memory of one worker: two blocks of a spectrum, and the transform's scratch.
struct BlockMemory<Scalar: ConvolutionScalar> {
    /// The worker's number.
    var worker = 0
    let first: UnsafeMutablePointer<Scalar>
    let second: UnsafeMutablePointer<Scalar>
    let scratch: UnsafeMutablePointer<Scalar>
    let loops: Loops
    /// What the stages prefetch besides; `nil` for nothing.
    let prefetches: UnsafeMutablePointer<vl_prefetches>?

    func context(_ role: OperandRole) -> TransformContext<Scalar> {
        TransformContext(role: role, scratch: scratch, loops: loops, prefetches: prefetches)
    }
}

// What stands between a transform and its inverse, block by block: transforms in lanes do it in the same pass.
extension SpectralTransform {
    /// Transforms one block of a prepared signal, multiplies it by that of the kernel's spectrum, and transforms it back: its
    /// part of `work` is that of the output then.
    func convolve(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, with kernel: UnsafePointer<Scalar>,
        _ orientation: Orientation, _ memory: BlockMemory<Scalar>
    ) {
        switch self {
        case .residueLanes(let transform):
            transform.inner.convolve(
                transform.part(block, of: work), with: kernel, isConjugated: orientation == .correlation,
                prefetching: memory.prefetches)
        case .lanePlane(let transform): transform.convolve(block, of: work, with: kernel, orientation, memory)
        case .kronecker(let transform):
            transform.line.convolve(block, of: work, with: kernel, orientation, memory)
        case .rightAngle, .rowColumn:
            let (spectrum, length) = (memory.first, sizes.blockLength)
            transform(block, of: work, into: spectrum, memory.context(.signal))
            switch orientation {
            case .convolution: memory.loops.pointee.multiply(spectrum, kernel, spectrum, length)
            case .correlation: memory.loops.pointee.multiply_conjugate(spectrum, kernel, spectrum, length)
            }
            inverseTransform(block, from: spectrum, into: work, memory.context(.output))
        }
    }

    /// The pullback of one block of a prepared cotangent: its part of `upstream` is that of the signal's gradient then, if
    /// that is wanted; the term of the kernel's gradient is added to `sum`, that block (unless `nil`).
    ///
    /// With spectra G, U, K of the upstream cotangent, the signal and the kernel, ∂signal is G · conj K and the term is
    /// G · conj U; for correlation they are G · K and U · conj G.
    func pullBack(
        _ block: Int, of upstream: UnsafeMutablePointer<Scalar>, signal: UnsafeMutablePointer<Scalar>,
        kernel: UnsafePointer<Scalar>, _ orientation: Orientation, isSignalWanted: Bool,
        addingTo sum: UnsafeMutablePointer<Scalar>?, _ memory: BlockMemory<Scalar>
    ) {
        switch self {
        case .residueLanes(let transform):
            transform.inner.pullBack(
                transform.part(block, of: upstream), signal: transform.part(block, of: signal),
                kernel: kernel, orientation, isSignalWanted: isSignalWanted,
                addingTo: sum, prefetching: memory.prefetches)
        case .lanePlane(let transform):
            transform.pullBack(
                block, of: upstream, signal: signal, kernel: kernel, orientation,
                isSignalWanted: isSignalWanted, addingTo: sum, memory)
        case .kronecker(let transform):
            transform.line.pullBack(
                block, of: upstream, signal: signal, kernel: kernel, orientation,
                isSignalWanted: isSignalWanted, addingTo: sum, memory)
        case .rightAngle, .rowColumn:
            let (g, u, loops, length) = (memory.first, memory.second, memory.loops, sizes.blockLength)
            transform(block, of: upstream, into: g, memory.context(.output))
            if sum != nil { transform(block, of: signal, into: u, memory.context(.signal)) }
            switch (orientation, sum, isSignalWanted) {
            case (.convolution, let sum?, true): loops.pointee.pull_back(g, u, kernel, sum, length)
            case (.convolution, let sum?, false): loops.pointee.accumulate_conjugate(g, u, sum, length)
            case (.convolution, nil, _): loops.pointee.multiply_conjugate(g, kernel, g, length)
            case (.correlation, let sum, let isWanted):
                if let sum { loops.pointee.accumulate_conjugate(u, g, sum, length) }
                if isWanted { loops.pointee.multiply(g, kernel, g, length) }
            }
            if isSignalWanted { inverseTransform(block, from: g, into: upstream, memory.context(.signal)) }
        }
    }

    /// The loops for products of spectra, if these are in lanes.
    var laneLoops: LaneLoops? {
        switch self {
        case .residueLanes(let transform): transform.inner.loops
        case .lanePlane(let transform): transform.columns.loops
        case .kronecker(let transform): transform.line.laneLoops
        case .rightAngle, .rowColumn: nil
        }
    }
}
