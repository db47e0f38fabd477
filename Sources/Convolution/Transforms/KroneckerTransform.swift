/// The transform of a small plane as one line: its rows one after the other, with gaps between them (Kronecker
/// substitution).
///
/// With rows P apart, the convolution of the lines is that of the planes as long as what runs over the end of a row
/// into the next misses the wanted outputs; the smallest such P is the smallest period along the row. One transform of
/// the whole plane keeps FFTW at lengths that it transforms fast, where the rows of a small plane are too short for it,
/// and there are no columns to transpose.
final class KroneckerTransform<Scalar: ConvolutionScalar>: Sendable {
    let sizes: TransformSizes
    let line: SpectralTransform<Scalar>
    /// The distance P of rows.
    private let rowStride: Int
    /// Room for the longest line, in complex numbers: whole cache lines.
    private let lineCount: Int
    /// The rows of a plane and their lengths, by role.
    private let heights: [Int]
    private let widths: [Int]

    /// How the planes of the given axes lie in lines.
    struct Geometry {
        let rowStride: Int
        let intervals: [WrappedInterval]
        /// The length of the right-angle transform, at least.
        let length: Int

        init(_ key: PlanKey) {
            let (vertical, horizontal) = (key.axes[0], key.axes[1])
            let rowStride = horizontal.smallestPeriod
            func lineLength(_ height: Int, _ width: Int) -> Int { (height - 1) * rowStride + width }
            let intervals = OperandRole.allCases.map { role in
                let rows = vertical.interval(of: role, orientation: key.orientation)
                let columns = horizontal.interval(of: role, orientation: key.orientation)
                return WrappedInterval(
                    start: rows.start * rowStride + columns.start,
                    count: lineLength(rows.count, columns.count))
            }
            let signal = lineLength(vertical.signal, horizontal.signal)
            let kernel = lineLength(vertical.kernel, horizontal.kernel)
            let offset = vertical.offset * rowStride + horizontal.offset
            let full = signal + kernel - 1
            let end = min(offset + lineLength(vertical.output, horizontal.output), full)
            self.rowStride = rowStride
            self.intervals = intervals
            length = (max(full - offset, end, signal, kernel) + 1) / 2
        }
    }

    /// - Parameter line: The transform of lines by the geometry's intervals.
    init(_ line: SpectralTransform<Scalar>, _ geometry: Geometry, _ key: PlanKey) {
        self.line = line
        rowStride = geometry.rowStride
        heights = OperandRole.allCases.map { key.axes[0].extent($0) }
        widths = OperandRole.allCases.map { key.axes[1].extent($0) }
        lineCount = wholeCacheLines(
            zip(heights, widths).map { ($0 - 1) * geometry.rowStride + $1 }.max()!)
        var sizes = line.sizes
        sizes.scratchCount += lineCount
        (sizes.signalTasks, sizes.kernelTasks, sizes.outputTasks) = (1, 1, 1)
        self.sizes = sizes
    }
}

// The stages, see ``SpectralTransform``.
extension KroneckerTransform {
    func prepareRow(
        _ task: Int, of source: UnsafePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        let (height, width) = (heights[context.role.rawValue], widths[context.role.rawValue])
        for row in 0..<height {
            let target = context.scratch + row * rowStride
            target.update(from: source + row * width, count: width)
            if row + 1 < height { (target + width).update(repeating: 0, count: rowStride - width) }
        }
        for part in 0..<line.sizes.taskCount(context.role) {
            line.prepareRow(part, of: context.scratch, into: work, context.skippingScratch(2 * lineCount))
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        line.transform(block, of: work, into: spectrum, context)
    }

    func inverseTransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, into work: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        line.inverseTransform(block, from: spectrum, into: work, context)
    }

    func finishRow(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
        _ context: TransformContext<Scalar>
    ) {
        for part in 0..<line.sizes.taskCount(context.role) {
            line.finishRow(part, work, into: context.scratch, context.skippingScratch(2 * lineCount))
        }
        let width = widths[context.role.rawValue]
        for row in 0..<heights[context.role.rawValue] {
            (target + row * width).update(from: context.scratch + row * rowStride, count: width)
        }
    }

    func executeBlockFFTs(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>
    ) {
        line.executeBlockFFTs(block, work, into: spectrum, scratch: work)
    }
}
