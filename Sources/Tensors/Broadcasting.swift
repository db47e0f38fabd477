import Runtime

/// How two shapes are combined, scalar by scalar, by the rule of NumPy: shapes are aligned at their last axes, and
/// an axis of extent 1, or a missing one, is repeated to the other's extent.
struct Broadcast {
    /// The shape of the result.
    let shape: [Int]
    /// Axes of the result with the operands' strides (0 where repeated). Axes of extent 1 are left out, and
    /// neighbors that both operands walk through evenly are merged: there are as few as possible, and at least one.
    let axes: [Axis]

    struct Axis {
        var extent: Int
        var leftStride: Int
        var rightStride: Int
    }

    init(_ left: [Int], _ right: [Int]) {
        let rank = max(left.count, right.count)
        let paddedLeft = Array(repeating: 1, count: rank - left.count) + left
        let paddedRight = Array(repeating: 1, count: rank - right.count) + right
        shape = zip(paddedLeft, paddedRight).map { a, b in
            require(
                a == b || a == 1 || b == 1,
                "expected shapes that broadcast, got \(left) and \(right): an axis has both \(a) and \(b)")
            return a == 1 ? b : a
        }
        var axes: [Axis] = []
        var leftStride = 1
        var rightStride = 1
        for index in (0..<rank).reversed() {
            let (a, b, extent) = (paddedLeft[index], paddedRight[index], shape[index])
            defer {
                leftStride *= a
                rightStride *= b
            }
            guard extent != 1 else { continue }
            let axis = Axis(
                extent: extent, leftStride: a == 1 ? 0 : leftStride, rightStride: b == 1 ? 0 : rightStride)
            if let inner = axes.last, axis.leftStride == inner.leftStride * inner.extent,
                axis.rightStride == inner.rightStride * inner.extent
            {
                axes[axes.count - 1].extent *= extent
            } else {
                axes.append(axis)
            }
        }
        if axes.isEmpty { axes = [Axis(extent: 1, leftStride: 1, rightStride: 1)] }
        self.axes = axes.reversed()
    }

    /// Calls `body` for stretches of the result's scalars `range` that lie in one row of the last axis: with the
    /// offset in the result, the offsets in the operands and the length.
    func forEachStretch(
        in range: Range<Int>, _ body: (_ result: Int, _ left: Int, _ right: Int, _ length: Int) -> Void
    ) {
        // One look at the array for all stretches: on several threads its count of references would go to and fro.
        axes.withUnsafeBufferPointer { axes in
            let outer = axes.count - 1
            let last = axes[outer]
            var position = range.lowerBound
            while position < range.upperBound {
                var (row, column) = position.quotientAndRemainder(dividingBy: last.extent)
                var left = column * last.leftStride
                var right = column * last.rightStride
                var next = outer - 1
                while next >= 0 {
                    let axis = axes[next]
                    let (quotient, index) = row.quotientAndRemainder(dividingBy: axis.extent)
                    left += index * axis.leftStride
                    right += index * axis.rightStride
                    row = quotient
                    next -= 1
                }
                column = min(last.extent - column, range.upperBound - position)
                body(position, left, right, column)
                position += column
            }
        }
    }
}
