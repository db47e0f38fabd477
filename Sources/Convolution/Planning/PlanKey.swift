/// The key of a plan: everything that determines it but the precision.
struct PlanKey: Hashable, Sendable {
    var axes: [Axis]
    let orientation: Orientation
    let rigour: Rigour
    /// The number of first outputs that are computed as sums.
    var exactHead = 0
    /// Whether short kernels, too, are convolved as spectra: mixing channels has no direct path.
    var isAlwaysSpectral = false
    var choice = TransformChoice.current

    /// The scalars of one row or plane.
    func count(_ role: OperandRole) -> Int {
        axes.reduce(1) { $0 * $1.extent(role) }
    }

    func intervals(axis: Int) -> [WrappedInterval] {
        OperandRole.allCases.map { axes[axis].interval(of: $0, orientation: orientation) }
    }
}

extension PlanKey {
    /// Whether the kernel is so short that summing the products is faster than transforming.
    var isBestDirect: Bool {
        guard axes.allSatisfy({ $0.signal >= $0.kernel }) else { return false }
        return switch axes.count {
        case 1: axes[0].kernel <= CostModel.longestDirectRowKernel
        default: axes[0].kernel * axes[1].kernel <= CostModel.largestDirectPlaneKernel
        }
    }
}

extension PlanKey {
    /// Refuses extents so large that sizes computed from them overflow; all arithmetic on sizes relies on it.
    ///
    /// Along an axis of S + K elements the period is at most S + K. Recipes are at most four times as long as needed,
    /// where a complex number stands for two reals, and gaps add at most 8 numbers for each residue row and step: a
    /// transform has at most 2 · (S + K) + 160 points along each axis. The workspace of one thread is at most twelve
    /// transforms of 16 bytes a point, and the pool adds a quarter.
    func checkSizes() throws(ConvolutionError) {
        _ = try checkedProduct(axes.map { 2 * ($0.signal + $0.kernel) + 160 } + [16 * 16])
    }
}
