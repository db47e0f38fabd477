import CVectorLoops
import Runtime

/// The units of a standardization: each the rows, of one sample and channel, that share a mean and a variance.
struct StandardizationUnits: Sendable {
    /// The rows `first`, `first` + `step`, ...
    struct Unit {
        let first: Int
        let step: Int
        let count: Int
    }

    struct Statistics {
        let mean: Double
        /// σ², biased
        let variance: Double
        /// 1 / √(σ² + ε)
        let scale: Float
    }

    let units: [Unit]
    private let shape: [Int]
    /// Whether a channel is one unit; the others have a unit for each sample.
    private let isOverBatch: [Bool]
    let rowLength: Int
    private let scalarsPerUnit: Int

    init(shape: [Int], extent: StandardizationExtent) {
        require(shape.count >= 2, "expected a shape [B, C, ...] to standardize, got \(shape)")
        let (batch, channels) = (shape[0], shape[1])
        var isOverBatch = Array(repeating: extent == .batch, count: channels)
        if case .alternating(let groups) = extent {
            require(
                groups > 0 && channels % groups == 0,
                "expected a number of groups that divides \(channels) channels, got \(groups)")
            let width = channels / groups
            isOverBatch = (0..<channels).map { $0 / width % 2 == 0 }
        }
        self.isOverBatch = isOverBatch
        units = (0..<channels).flatMap { channel in
            isOverBatch[channel]
                ? [Unit(first: channel, step: channels, count: batch)]
                : (0..<batch).map { Unit(first: $0 * channels + channel, step: 0, count: 1) }
        }
        self.shape = shape
        rowLength = shape[2...].reduce(1, *)
        scalarsPerUnit = units.isEmpty ? 0 : shape.reduce(1, *) / units.count
    }

    /// Calls `body` with each unit, in parallel.
    func forEachUnit(nanoseconds: Double, _ body: (Int) -> Void) {
        parallelRanges(of: units.count, scalarsPerIndex: scalarsPerUnit, nanoseconds: nanoseconds) {
            $0.forEach(body)
        }
    }

    /// Calls `body` with the offset of each row of a unit.
    func forEachRow(of unit: Int, _ body: (_ offset: Int) -> Void) {
        let rows = units[unit]
        for index in 0..<rows.count { body((rows.first + index * rows.step) * rowLength) }
    }

    /// Calls `body` with each unit and the offset of each of its rows, in parallel.
    func forEachRow(nanoseconds: Double, _ body: (_ unit: Int, _ offset: Int) -> Void) {
        forEachUnit(nanoseconds: nanoseconds) { unit in forEachRow(of: unit) { body(unit, $0) } }
    }

    /// Makes `width` sums over the rows of a unit, samples of the batch, and returns what `body` makes of them.
    func withSums<Result>(
        of unit: Int, width: Int, add: (_ offset: Int, _ sums: UnsafeMutablePointer<Double>) -> Void,
        _ body: (UnsafeMutablePointer<Double>) -> Result
    ) -> Result {
        let rows = units[unit]
        return BatchGroups(samples: rows.count).withSums(
            width: width, add: { add((rows.first + $0 * rows.step) * rowLength, $1) }, body)
    }

    /// The sum of `term` over the rows of a unit.
    private func sum(of unit: Int, _ term: (_ offset: Int) -> Double) -> Double {
        withSums(of: unit, width: 1, add: { $1[0] += term($0) }, { $0[0] })
    }

    /// The statistics of each unit.
    func statistics(of tensor: Tensor, epsilon: Float) -> [Statistics] {
        let loops = vectorLoops
        return tensor.withPointer { x in
            Array(unsafeUninitializedCapacity: units.count) { statistics, count in
                // Each unit writes its own element.
                let elements = statistics.baseAddress
                forEachUnit(nanoseconds: Tuning.Nanoseconds.arithmetic) { unit in
                    let total = Double(units[unit].count * rowLength)
                    let mean = sum(of: unit) { loops.pointee.sum(x + $0, rowLength) } / total
                    let variance =
                        sum(of: unit) { loops.pointee.squared_deviations(x + $0, mean, rowLength) } / total
                    let scale = 1 / (variance + Double(epsilon)).squareRoot()
                    (elements! + unit).initialize(
                        to: Statistics(mean: mean, variance: variance, scale: Float(scale)))
                }
                count = units.count
            }
        }
    }

    /// The moments of whole channels. Where samples are units: the mean of their means μₛ, and by the law of total
    /// variance the mean of their variances plus the variance of their means, over the batch in its groups.
    func channelMoments(_ statistics: [Statistics]) -> ChannelMoments {
        let shape = [1, self.shape[1]] + self.shape[2...].map { _ in 1 }
        var (means, variances): ([Float], [Float]) = ([], [])
        var first = 0
        for isOverBatch in isOverBatch {
            let end = first + (isOverBatch ? 1 : self.shape[0])
            let own = Array(statistics[first..<end])
            let (samples, count) = (BatchGroups(samples: own.count), Double(own.count))
            let mean = samples.sum { own[$0].mean } / count
            let variance =
                samples.sum { own[$0].variance + (own[$0].mean - mean) * (own[$0].mean - mean) } / count
            means.append(Float(mean))
            variances.append(Float(variance))
            first = end
        }
        return ChannelMoments(
            mean: Tensor(shape: shape, scalars: means), variance: Tensor(shape: shape, scalars: variances))
    }
}
