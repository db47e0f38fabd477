import Runtime

/// What a plan is made for.
struct PlanKey: Hashable, Sendable {
    let axes: [Axis]
    let orientation: Orientation
    let rigour: Rigour
    /// The number of first outputs that are computed as sums.
    var exactHead = 0
    /// Whether short kernels, too, are convolved as spectra.
    var isAlwaysSpectral = false

    /// The scalars of one row or plane.
    func count(_ role: Role) -> Int {
        axes.reduce(1) { $0 * $1.extent(role) }
    }

    func intervals(axis: Int) -> [RingInterval] {
        Role.allCases.map { axes[axis].interval(of: $0, orientation: orientation) }
    }
}

/// Everything that convolutions of one shape share.
final class Plan<Scalar: ConvolutionScalar>: Sendable {
    let key: PlanKey
    let method: Method<Scalar>

    init(_ key: PlanKey) throws(ConvolutionError) {
        self.key = key
        if key.isBestDirect, !key.isAlwaysSpectral {
            // The signal and the upstream cotangent, each with what lies beyond its ends.
            try Self.checkMemory(extents: key.axes.map { $0.full + $0.kernel - 1 }, scalars: 2)
            method = .direct
        } else {
            method = .spectral(key.axes.count == 1 ? try Self.line(key) : try Self.plane(key))
        }
    }

    /// A plan with a transform of one's own choice, to test transforms on small shapes.
    init(_ key: PlanKey, method: Method<Scalar>) {
        self.key = key
        self.method = method
    }

    /// This plan, or its twin for the same key, with a transform: mixing channels is always done on spectra.
    func withTransform() throws(ConvolutionError) -> (Plan, AnyTransform<Scalar>) {
        if case .spectral(let transform) = method { return (self, transform) }
        var key = key
        key.isAlwaysSpectral = true
        let plan: Plan = try PlanCache.plan(key)
        return try plan.withTransform()
    }

    /// The scalars of a prepared kernel, and of a sum of kernel gradients.
    var preparedCount: Int {
        switch method {
        case .spectral(let transform): wholeLines(2 * transform.spectrumCount)
        case .direct: wholeLines(key.count(.kernel))
        }
    }

    /// An estimate of the work on one row, in nanoseconds.
    var costOfRow: Int {
        switch method {
        case .spectral(let transform): 2 * transform.transformedCount
        case .direct: key.count(.output) * key.count(.kernel) / 16
        }
    }

    /// The transform in one dimension.
    private static func line(_ key: PlanKey) throws(ConvolutionError) -> AnyTransform<Scalar> {
        let length = (key.axes[0].smallestPeriod + 1) / 2
        try checkMemory(extents: [length], scalars: 4)
        return .line(
            try LineTransform(
                recipe: LineRecipe.best(atLeast: length), intervals: key.intervals(axis: 0),
                rigour: key.rigour))
    }

    /// The transform in two dimensions.
    private static func plane(_ key: PlanKey) throws(ConvolutionError) -> AnyTransform<Scalar> {
        let length = (key.axes[1].smallestPeriod + 1) / 2
        // A ring is at least as tall as what lies on it.
        try checkMemory(extents: [max(key.axes[0].signal, key.axes[0].kernel), length], scalars: 4)
        let column = FourierRecipe.forColumns(key.axes[0])
        if let transform = try flatPlane(key) { return .flatPlane(transform) }
        var columns = key.intervals(axis: 0)
        if column.length == key.axes[0].signal {
            // On a ring of the signal's own height the rows repeat by themselves.
            for index in columns.indices { columns[index].repeatCount = 0 }
        }
        return .plane(
            try PlaneTransform(
                recipe: LineRecipe.best(atLeast: length), column: column,
                rowIntervals: key.intervals(axis: 1),
                columnIntervals: columns,
                rigour: key.rigour))
    }

    /// The transform of a plane that is small enough to be one line.
    private static func flatPlane(_ key: PlanKey) throws(ConvolutionError) -> FlatPlaneTransform<Scalar>? {
        guard !key.axes.contains(where: \.isPeriodic) else { return nil }
        let geometry = FlatPlaneTransform<Scalar>.Geometry(key)
        guard geometry.length <= longestFlatPlane else { return nil }
        return try FlatPlaneTransform(recipe: LineRecipe.best(atLeast: geometry.length), geometry, key)
    }

    /// The longest line as which a plane is transformed; measured, see Docs/Decisions/0002.
    private static var longestFlatPlane: Int { 8192 }

    /// Refuses a plan whose smallest workspace, so many scalars for each point of the given extents, would not fit into
    /// this machine's memory. (A forward pass on spectra holds a row's and the kernel's: four scalars a point.)
    private static func checkMemory(extents: [Int], scalars: Int) throws(ConvolutionError) {
        var byteCount = scalars * MemoryLayout<Scalar>.stride
        for extent in extents {
            let (product, overflows) = byteCount.multipliedReportingOverflow(by: extent)
            guard !overflows else { throw .sizeOverflow(extents: extents) }
            byteCount = product
        }
        try Machine.checkMemory(byteCount)
    }
}

/// How a convolution is computed.
enum Method<Scalar: ConvolutionScalar>: Sendable {
    /// As a product of spectra.
    case spectral(AnyTransform<Scalar>)
    /// As the sum that it is, for short kernels.
    case direct
}
