import CVectorLoops
import Convolution
import Runtime

/// The units of a standardization: each the rows, of one sample and channel, that share a mean and a variance.
struct StandardizationUnits: Sendable {
    /// The rows `first`, `first` + `step`, ..., and the number of scalars that share the moments: of a distributed batch those
    /// of all processes.
    struct Unit {
        let first: Int
        let step: Int
        let count: Int
        let scalarCount: Int
    }

    /// Scalars of one sample and channel: where they start, and how many belong to the sample.
    struct Row {
        let start: Int
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
    /// The number of scalars from one row to the next.
    let rowLength: Int
    private let scalarsPerUnit: Int
    /// The number of each sample's own scalars in a row, or `nil` where all are.
    private let lengths: [Int]?
    /// Where the batch is distributed over processes.
    private let partition: BatchPartition?

    init(
        shape: [Int], extent: StandardizationExtent, lengths: [Int]? = nil,
        in partition: BatchPartition? = nil
    ) {
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
        let rowLength = shape[2...].reduce(1, *)
        let whole = lengths?.reduce(0, +) ?? (partition?.sampleCount ?? batch) * rowLength
        units = (0..<channels).flatMap { channel in
            isOverBatch[channel]
                ? [Unit(first: channel, step: channels, count: batch, scalarCount: whole)]
                : (0..<batch).map {
                    Unit(
                        first: $0 * channels + channel, step: 0, count: 1,
                        scalarCount: lengths?[$0] ?? rowLength)
                }
        }
        self.isOverBatch = isOverBatch
        self.lengths = lengths
        self.partition = partition
        self.shape = shape
        self.rowLength = rowLength
        scalarsPerUnit = units.isEmpty ? 0 : shape.reduce(1, *) / units.count
    }

    /// Calls `body` with each unit, in parallel.
    func forEachUnit(nanoseconds: Double, _ body: (Int) -> Void) {
        parallelRanges(of: units.count, scalarsPerIndex: scalarsPerUnit, nanoseconds: nanoseconds) {
            $0.forEach(body)
        }
    }

    /// The row of that number, of all rows of the tensor.
    func row(_ index: Int) -> Row {
        Row(start: index * rowLength, count: lengths?[index / shape[1]] ?? rowLength)
    }

    /// Calls `body` with each row of a unit.
    func forEachRow(of unit: Int, _ body: (Row) -> Void) {
        let rows = units[unit]
        for index in 0..<rows.count { body(row(rows.first + index * rows.step)) }
    }

    /// Calls `body` with each unit and each of its rows, in parallel, and sets what is behind a row's own scalars to 0.
    func forEachRow(
        of result: UnsafeMutablePointer<Float>, nanoseconds: Double, _ body: (_ unit: Int, Row) -> Void
    ) {
        forEachUnit(nanoseconds: nanoseconds) { unit in
            forEachRow(of: unit) {
                body(unit, $0)
                clearBehind($0, of: result)
            }
        }
    }

    /// Sets what is behind a row's own scalars to 0.
    func clearBehind(_ row: Row, of result: UnsafeMutablePointer<Float>) {
        (result + row.start + row.count).update(repeating: 0, count: rowLength - row.count)
    }

    /// A term of each row of a unit, whose sums over the unit's rows are made.
    typealias RowTerms = (_ unit: Int, Row, _ sums: UnsafeMutablePointer<Double>) -> Void

    /// Makes, for each unit, `width` sums over its rows in each of several passes: `passes` have the terms to add, and what to
    /// do with the sums before the next pass begins.
    ///
    /// A unit takes all passes while its rows are in the cache. Where units have rows in other processes, all units take
    /// a pass before the next one, and the sums of all travel together.
    func forEachUnit(
        nanoseconds: Double, width: Int,
        _ passes: [(add: RowTerms, finish: (_ unit: Int, _ sums: UnsafeMutablePointer<Double>) -> Void)]
    ) {
        guard let partition, isOverBatch.contains(true) else {
            return forEachUnit(nanoseconds: nanoseconds) { unit in
                for pass in passes {
                    withOwnSums(of: unit, width: width, pass.add) { pass.finish(unit, $0) }
                }
            }
        }
        let shared = units.indices.filter { units[$0].step > 0 }
        for pass in passes {
            partition.withSums(floats: 0, doubles: width * shared.count) { groups, sums in
                parallelRanges(of: shared.count, scalarsPerIndex: scalarsPerUnit, nanoseconds: nanoseconds) {
                    for index in $0 {
                        withSums(of: shared[index], over: groups, width: width, pass.add) {
                            (sums.doubles + index * width).update(from: $0, count: width)
                        }
                    }
                }
            } _: { sums in
                var places = [Int?](repeating: nil, count: units.count)
                for (place, unit) in shared.enumerated() { places[unit] = place }
                forEachUnit(nanoseconds: nanoseconds) { unit in
                    if let place = places[unit] {
                        pass.finish(unit, sums.doubles + place * width)
                    } else {
                        withOwnSums(of: unit, width: width, pass.add) { pass.finish(unit, $0) }
                    }
                }
            }
        }
    }

    private func withOwnSums(
        of unit: Int, width: Int, _ add: RowTerms, _ body: (UnsafeMutablePointer<Double>) -> Void
    ) {
        withSums(of: unit, over: BatchGroups(samples: units[unit].count), width: width, add, body)
    }

    /// Makes sums over the rows, samples of the batch, that the groups have.
    private func withSums(
        of unit: Int, over groups: BatchGroups, width: Int, _ add: RowTerms,
        _ body: (UnsafeMutablePointer<Double>) -> Void
    ) {
        let rows = units[unit]
        groups.withSums(width: width, add: { add(unit, row(rows.first + $0 * rows.step), $1) }, body)
    }

    /// The statistics of each unit.
    func statistics(of tensor: Tensor, epsilon: Float) -> [Statistics] {
        let loops = vectorLoops
        return tensor.withPointer { x in
            Array(unsafeUninitializedCapacity: units.count) { statistics, count in
                // Each unit writes its own element.
                let elements = statistics.baseAddress
                func total(_ unit: Int) -> Double { Double(units[unit].scalarCount) }
                forEachUnit(
                    nanoseconds: Tuning.Nanoseconds.arithmetic, width: 1,
                    [
                        (
                            { $2[0] += loops.pointee.sum(x + $1.start, $1.count) },
                            { unit, sums in
                                let mean = sums[0] / total(unit)
                                (elements! + unit).initialize(
                                    to: Statistics(mean: mean, variance: 0, scale: 0))
                            }
                        ),
                        (
                            { unit, row, sums in
                                sums[0] += loops.pointee.squared_deviations(
                                    x + row.start, elements![unit].mean, row.count)
                            },
                            { unit, sums in
                                let variance = sums[0] / total(unit)
                                let scale = 1 / (variance + Double(epsilon)).squareRoot()
                                elements![unit] = Statistics(
                                    mean: elements![unit].mean, variance: variance, scale: Float(scale))
                            }
                        ),
                    ])
                count = units.count
            }
        }
    }

    /// The moments of whole channels. Where samples are units: the mean of their means μₛ, and by the law of total
    /// variance the mean of their variances plus the variance of their means, over the batch in its groups, each sample
    /// weighted by its length.
    func channelMoments(_ statistics: [Statistics]) -> ChannelMoments {
        let shape = [1, self.shape[1]] + self.shape[2...].map { _ in 1 }
        let (batch, channels) = (self.shape[0], self.shape[1])
        var starts: [Int] = []
        var first = 0
        for isOverBatch in isOverBatch {
            starts.append(first)
            first += isOverBatch ? 1 : batch
        }
        let perSample = (0..<channels).filter { !isOverBatch[$0] }
        func weight(_ sample: Int) -> Double { lengths.map { Double($0[sample]) } ?? 1 }
        let total = lengths.map { Double($0.reduce(0, +)) } ?? Double(partition?.sampleCount ?? batch)
        /// The weighted means over the batch of a term of each sample's statistics, for the channels whose samples are units.
        func means(_ term: (_ own: Statistics, _ index: Int) -> Double) -> [Double] {
            withBatchSums(samples: batch, in: partition, doubles: perSample.count) { groups, sums in
                for (index, channel) in perSample.enumerated() {
                    sums[index] = groups.sum {
                        weight($0) * term(statistics[starts[channel] + $0], index)
                    }
                }
            } _: { sums in
                perSample.indices.map { sums[$0] / total }
            }
        }
        let sampleMeans = perSample.isEmpty ? [] : means { own, _ in own.mean }
        let sampleVariances =
            perSample.isEmpty
            ? []
            : means { own, index in
                own.variance + (own.mean - sampleMeans[index]) * (own.mean - sampleMeans[index])
            }
        var channelMeans = starts.map { statistics[$0].mean }
        var variances = starts.map { statistics[$0].variance }
        for (index, channel) in perSample.enumerated() {
            (channelMeans[channel], variances[channel]) = (sampleMeans[index], sampleVariances[index])
        }
        return ChannelMoments(
            mean: Tensor(shape: shape, scalars: channelMeans.map(Float.init)),
            variance: Tensor(shape: shape, scalars: variances.map(Float.init)))
    }
}
