/// Where the elements of a row lie on the ring in which a convolution is computed.
///
/// Element i lies at position `start + i`; where a row repeats, its elements below `repeatCount` lie at
/// `start + i + repeatDistance` as well. Positions count modulo the ring's period.
struct RingInterval: Hashable, Sendable {
    var start: Int
    var count: Int
    var repeatDistance = 0
    var repeatCount = 0

    /// A run of consecutive elements at consecutive positions.
    struct Run {
        let element: Int
        let position: Int
        let count: Int
        /// Whether the ring was gone round an odd number of times, which a negacyclic ring answers with a minus.
        let isOdd: Bool
    }

    /// Whether every element has one position, and all of them lie in order within one period.
    func isPlain(period: Int) -> Bool {
        repeatCount == 0 && start >= 0 && start + count <= period
    }

    /// Visits the elements that lie at the given positions, all of which are in 0 ..< period.
    func forEachRun(at positions: Range<Int>, period: Int, _ body: (Run) -> Void) {
        for (start, count) in [(start, count), (start + repeatDistance, repeatCount)] where count > 0 {
            for turn in floorDivision(start, period)...floorDivision(start + count - 1, period) {
                let lower = max(start, positions.lowerBound + turn * period)
                let upper = min(start + count, positions.upperBound + turn * period)
                guard lower < upper else { continue }
                body(
                    Run(
                        element: lower - start, position: lower - turn * period, count: upper - lower,
                        isOdd: !turn.isMultiple(of: 2)))
            }
        }
    }
}

/// The greatest integer not above the quotient.
private func floorDivision(_ dividend: Int, _ divisor: Int) -> Int {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}

/// What a row is in a convolution; which also says where its elements lie on the ring.
enum Role: Int, Sendable, CaseIterable {
    /// The signal, or its gradient.
    case signal
    /// The kernel, or its gradient.
    case kernel
    /// The output, or the cotangent that comes back from it.
    case output
}

extension Axis {
    /// Where the rows lie. With correlation the signal meets the kernel's spectrum conjugated, which is the kernel
    /// at the positions 0, -1, ..., so the outputs lie K - 1 before those of the convolution.
    func interval(of role: Role, orientation: Orientation) -> RingInterval {
        switch role {
        case .signal: RingInterval(start: 0, count: signal)
        case .kernel: RingInterval(start: 0, count: kernel)
        case .output:
            RingInterval(
                start: orientation == .convolution ? offset : offset - (kernel - 1), count: output,
                repeatDistance: isPeriodic ? signal : 0, repeatCount: isPeriodic ? kernel - 1 : 0)
        }
    }
}
