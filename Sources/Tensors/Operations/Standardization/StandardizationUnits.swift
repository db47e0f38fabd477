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

    /// The statistics of each unit.
    func statistics(of tensor: Tensor, epsilon: Float) -> [Statistics] {
        let loops = vectorLoops
        return tensor.withPointer { x in
            Array(unsafeUninitializedCapacity: units.count) { statistics, count in
                // Each unit writes its own element.
                let elements = statistics.baseAddress
                forEachUnit(nanoseconds: Tuning.Nanoseconds.arithmetic) { unit in
                    let total = Double(units[unit].count * rowLength)
                    var sum = 0.0
                    forEachRow(of: unit) { sum += loops.pointee.sum(x + $0, rowLength) }
                    let mean = sum / total
                    var deviations = 0.0
                    forEachRow(of: unit) {
                        deviations += loops.pointee.squared_deviations(x + $0, mean, rowLength)
                    }
                    let variance = deviations / total
                    let scale = 1 / (variance + Double(epsilon)).squareRoot()
                    (elements! + unit).initialize(
                        to: Statistics(mean: mean, variance: variance, scale: Float(scale)))
                }
                count = units.count
            }
        }
    }

    /// The moments of whole channels. Where samples are units: the mean of their means μₛ, and by the law of total
    /// variance the mean of their variances plus the variance of their means.
    func channelMoments(_ statistics: [Statistics]) -> ChannelMoments {
        let shape = [1, self.shape[1]] + self.shape[2...].map { _ in 1 }
        var (means, variances): ([Float], [Float]) = ([], [])
        var first = 0
        for isOverBatch in isOverBatch {
            let end = first + (isOverBatch ? 1 : self.shape[0])
            let own = statistics[first..<end]
            let count = Double(own.count)
            let mean = own.reduce(0) { $0 + $1.mean } / count
            let variance = own.reduce(0) { $0 + $1.variance + ($1.mean - mean) * ($1.mean - mean) } / count
            means.append(Float(mean))
            variances.append(Float(variance))
            first = end
        }
        return ChannelMoments(
            mean: Tensor(shape: shape, scalars: means), variance: Tensor(shape: shape, scalars: variances))
    }
}
