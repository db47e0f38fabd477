/// The transform of a small plane as if it were one line: its rows one after the other, with gaps between them.
///
/// With rows P apart, the convolution of the lines is that of the planes as long as what runs over the end of a row
/// into the next misses the wanted outputs, which takes the same P as a ring of period P would (Kronecker's
/// substitution). One transform of the whole plane keeps FFTW at lengths that it does well, where the rows of a small
/// plane are too short for it; and there are no columns to turn.
final class FlatPlaneTransform<Scalar: ConvolutionScalar>: Sendable {
    private let line: LineTransform<Scalar>
    /// The distance P of rows.
    private let pitch: Int
    /// The rows of a plane and their lengths, by role.
    private let heights: [Int]
    private let widths: [Int]

    /// How the planes of the given axes lie in lines.
    struct Geometry {
        let pitch: Int
        let intervals: [RingInterval]
        /// The length of the right-angle transform, at least.
        let length: Int

        init(_ key: PlanKey) {
            let (vertical, horizontal) = (key.axes[0], key.axes[1])
            let pitch = horizontal.smallestPeriod
            func lineLength(_ height: Int, _ width: Int) -> Int { (height - 1) * pitch + width }
            let intervals = Role.allCases.map { role in
                let rows = vertical.interval(of: role, orientation: key.orientation)
                let columns = horizontal.interval(of: role, orientation: key.orientation)
                return RingInterval(
                    start: rows.start * pitch + columns.start, count: lineLength(rows.count, columns.count))
            }
            let signal = lineLength(vertical.signal, horizontal.signal)
            let kernel = lineLength(vertical.kernel, horizontal.kernel)
            let offset = vertical.offset * pitch + horizontal.offset
            let full = signal + kernel - 1
            let end = min(offset + lineLength(vertical.output, horizontal.output), full)
            self.pitch = pitch
            self.intervals = intervals
            length = (max(full - offset, end, signal, kernel) + 1) / 2
        }
    }

    init(recipe: LineRecipe, _ geometry: Geometry, _ key: PlanKey) throws(ConvolutionError) {
        line = try LineTransform(recipe: recipe, intervals: geometry.intervals, rigour: key.rigour)
        pitch = geometry.pitch
        heights = Role.allCases.map { key.axes[0].extent($0) }
        widths = Role.allCases.map { key.axes[1].extent($0) }
    }
}

extension FlatPlaneTransform: SpectralTransform {
    var spectrumCount: Int { line.spectrumCount }
    var workCount: Int { line.workCount }
    /// The line, before what the line's transform needs.
    var scratchCount: Int { lineCount + line.scratchCount }
    var blockCount: Int { line.blockCount }
    var blockLength: Int { line.blockLength }
    var transformedCount: Int { line.transformedCount }

    /// Room for the longest line, in complex numbers: whole cache lines.
    private var lineCount: Int {
        wholeLines(zip(heights, widths).map { ($0 - 1) * pitch + $1 }.max()!)
    }

    func taskCount(_ role: Role) -> Int { 1 }

    func open(
        _ task: Int, of source: UnsafePointer<Scalar>, _ role: Role, into work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        let (height, width) = (heights[role.rawValue], widths[role.rawValue])
        for row in 0..<height {
            let target = scratch + row * pitch
            target.update(from: source + row * width, count: width)
            if row + 1 < height { (target + width).update(repeating: 0, count: pitch - width) }
        }
        for part in 0..<line.taskCount(role) {
            line.open(part, of: scratch, role, into: work, scratch: scratch + 2 * lineCount, loops: loops)
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        line.transform(block, of: work, role, into: spectrum, scratch: scratch, loops: loops)
    }

    func untransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, _ role: Role,
        into work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        line.untransform(block, from: spectrum, role, into: work, scratch: scratch, loops: loops)
    }

    func close(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into target: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        for part in 0..<line.taskCount(role) {
            line.close(part, work, role, into: scratch, scratch: scratch + 2 * lineCount, loops: loops)
        }
        let width = widths[role.rawValue]
        for row in 0..<heights[role.rawValue] {
            (target + row * width).update(from: scratch + row * pitch, count: width)
        }
    }

    func executeOpening(
        _ task: Int, _ role: Role, _ work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    ) {}

    func executeBlock(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        line.executeBlock(block, work, into: spectrum, scratch: scratch)
    }
}
