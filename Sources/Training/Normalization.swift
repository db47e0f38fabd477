import Runtime

/// What makes network inputs of scalars: `(scalar - mean) / deviation`, with constants for each channel. A byte counts
/// as the scalar byte / 255.
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

    /// Reads the constants from outside, where they may be anything.
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

    /// The constants of `data`: inputs made of it have mean 0 and deviation 1 in each channel. A channel that never
    /// changes gets the deviation 1.
    ///
    /// - Complexity: O(*n*), where *n* is the number of scalars.
    public init(of data: DataSet) {
        let channels = data.sampleShape[0]
        let extent = data.sampleShape[1...].reduce(1, *)
        let count = Double(data.count * extent)
        switch data.scalars {
        case .bytes(let bytes):
            // Sums of whole numbers are exact, so the constants do not depend on the order of the samples.
            var sums = [Int](repeating: 0, count: channels)
            var sumsOfSquares = [Int](repeating: 0, count: channels)
            for (index, byte) in bytes.enumerated() {
                let channel = index / extent % channels
                sums[channel] += Int(byte)
                sumsOfSquares[channel] += Int(byte) * Int(byte)
            }
            self.init(
                sums: sums.map(Double.init), sumsOfSquares: sumsOfSquares.map(Double.init), count: count,
                unit: 255)
        case .floats(let floats):
            var sums = [Double](repeating: 0, count: channels)
            var sumsOfSquares = [Double](repeating: 0, count: channels)
            for (index, scalar) in floats.enumerated() {
                let channel = index / extent % channels
                sums[channel] += Double(scalar)
                sumsOfSquares[channel] += Double(scalar) * Double(scalar)
            }
            self.init(sums: sums, sumsOfSquares: sumsOfSquares, count: count, unit: 1)
        }
    }

    /// The constants of channels whose scalars, in multiples of 1 / `unit`, have the given sums.
    private init(sums: [Double], sumsOfSquares: [Double], count: Double, unit: Double) {
        means = sums.map { Float($0 / count / unit) }
        deviations = zip(sums, sumsOfSquares).map { sum, sumOfSquares in
            let mean = sum / count
            let variance = sumOfSquares / count - mean * mean
            return variance > 0 ? Float(variance.squareRoot() / unit) : 1
        }
    }
}
