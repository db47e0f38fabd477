import Runtime

/// Two shapes combined by NumPy's rule of broadcasting: shapes are aligned at their last axes, and an axis of extent 1,
/// or a missing one, is repeated to the other's extent.
struct Broadcast {
    /// The shape of the result.
    let shape: [Int]
    /// The axes of the result with the operands' strides, 0 where repeated: at least one, and as few as possible. Axes
    /// of extent 1 are left out, and neighbors that are contiguous, or repeated, in both operands are merged.
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

    /// Calls `body` for the runs of the result's scalars `range` along the last axis: with the offset in the result,
    /// the offsets in the operands and the length.
    func forEachRun(
        in range: Range<Int>, _ body: (_ result: Int, _ left: Int, _ right: Int, _ length: Int) -> Void
    ) {
        // Hoisted: concurrent retain and release would bounce the array's cache line between cores.
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
