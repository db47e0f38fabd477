/// A period of reals on which a row lies that wraps around: what transforms fold instead of the row, and unfold into.
struct Ring<Scalar: ConvolutionScalar> {
    let pointer: UnsafeMutablePointer<Scalar>
    let period: Int

    /// The sums of the elements of `row` at each position, negated where they wrapped around an odd number of times.
    func lay(_ row: UnsafePointer<Scalar>, at interval: WrappedInterval, _ loops: Loops) {
        pointer.update(repeating: 0, count: period)
        interval.forEachRun(at: 0..<period, period: period) { run in
            loops.pointee.add_scaled(
                row + run.element, run.isOdd ? -1 : 1, pointer + run.position, run.count)
        }
    }

    /// The opposite of ``lay(_:at:_:)``: each element gets the sum of what stands at its positions.
    func collect(into row: UnsafeMutablePointer<Scalar>, at interval: WrappedInterval, _ loops: Loops) {
        row.update(repeating: 0, count: interval.count)
        interval.forEachRun(at: 0..<period, period: period) { run in
            loops.pointee.add_scaled(
                pointer + run.position, run.isOdd ? -1 : 1, row + run.element, run.count)
        }
    }
}
