import Runtime

/// The standardization of a network's inputs, `(scalar - mean) / deviation` with constants for each channel. A byte is
/// the scalar byte / 255.
public struct Normalization: Codable, Equatable, Sendable {
    /// The mean of each channel.
    public let means: [Float]
    /// The standard deviation of each channel, above zero.
    public let deviations: [Float]

    /// A normalization with the given constants, one mean and one deviation for each channel.
    public init(means: [Float], deviations: [Float]) {
        require(
            means.count == deviations.count && means.allSatisfy(\.isFinite)
                && deviations.allSatisfy { $0 > 0 && $0.isFinite },
            "expected as many means as deviations, finite, the latter above 0; got \(means) and \(deviations)"
        )
        self.means = means
        self.deviations = deviations
    }

    /// Decodes and validates the constants.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        means = try container.decode([Float].self, forKey: .means)
        deviations = try container.decode([Float].self, forKey: .deviations)
        guard
            means.count == deviations.count, means.allSatisfy(\.isFinite),
            deviations.allSatisfy({ $0 > 0 && $0.isFinite })
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .deviations, in: container,
                debugDescription: "expected as many means as deviations, finite, the latter above 0; "
                    + "found \(means) and \(deviations)")
        }
    }

    /// The means and deviations of `data`: its inputs have mean 0 and deviation 1 in each channel. A constant channel
    /// has exactly its value as the mean, and the deviation 1. Without samples they are 0 and 1.
    ///
    /// First the mean μ, then the mean of (x - μ)² is computed, in double precision: E[x²] - μ² loses its digits where
    /// the mean is large beside the deviation.
    ///
    /// - Complexity: O(*n*), where *n* is the number of scalars: one pass over bytes, two over floats.
    public init(of data: DataSet) {
        let channels = (0..<data.sampleShape[0]).map { ChannelRows(of: data, channel: $0) }
        let constants = channels.map { channel in
            switch data.scalars {
            case .bytes(let bytes): channel.meanAndDeviation(of: bytes)
            case .floats(let floats): channel.meanAndDeviation(of: floats)
            }
        }
        self.init(means: constants.map(\.mean), deviations: constants.map(\.deviation))
    }
}

/// The rows of one channel: a row for each sample.
private struct ChannelRows {
    private let channel: Int
    private let channels: Int
    private let samples: Int
    private let extent: Int

    init(of data: DataSet, channel: Int) {
        self.channel = channel
        channels = data.sampleShape[0]
        samples = data.count
        extent = data.sampleShape[1...].reduce(1, *)
    }

    func meanAndDeviation(of bytes: [UInt8]) -> (mean: Float, deviation: Float) {
        // The moments follow from how often each value occurs.
        var occurrences = [Int](repeating: 0, count: Int(UInt8.max) + 1)
        forEachRow { for index in $0 { occurrences[Int(bytes[index])] += 1 } }
        let sum = occurrences.enumerated().reduce(0) { $0 + $1.offset * $1.element }
        return rounded(mean: Double(sum) / Double(max(1, samples * extent)), unit: 255) { mean in
            occurrences.enumerated().reduce(0) { sum, value in
                let deviation = Double(value.offset) - mean
                return sum + Double(value.element) * (deviation * deviation)
            }
        }
    }

    func meanAndDeviation(of floats: [Float]) -> (mean: Float, deviation: Float) {
        guard samples > 0 else { return (0, 1) }
        // Differences from the channel's first scalar are exactly zero in a constant channel, whatever its length.
        let first = Double(floats[channel * extent])
        var sum = 0.0
        forEachRow { for index in $0 { sum += Double(floats[index]) - first } }
        return rounded(mean: first + sum / Double(samples * extent), unit: 1) { mean in
            var squares = 0.0
            forEachRow { row in
                for index in row {
                    let deviation = Double(floats[index]) - mean
                    squares += deviation * deviation
                }
            }
            return squares
        }
    }

    /// The constants, of scalars in multiples of 1 / `unit`, from the mean and the sum of squared deviations from it.
    private func rounded(
        mean: Double, unit: Double, squaredDeviations: (_ mean: Double) -> Double
    ) -> (mean: Float, deviation: Float) {
        let variance = squaredDeviations(mean) / Double(max(1, samples * extent))
        let deviation = Float(variance.squareRoot() / unit)
        return (Float(mean / unit), deviation > 0 ? deviation : 1)
    }

    /// Calls `body` with the indices of each row's scalars.
    private func forEachRow(_ body: (Range<Int>) -> Void) {
        for sample in 0..<samples {
            let start = (sample * channels + channel) * extent
            body(start..<start + extent)
        }
    }
}
