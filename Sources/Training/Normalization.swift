/// What makes network inputs of bytes: `(byte / 255 - mean) / deviation`, with constants for each channel.
public struct Normalization: Codable, Equatable, Sendable {
    /// The mean of each channel, of bytes divided by 255.
    public let means: [Float]
    /// The standard deviation of each channel, above zero.
    public let deviations: [Float]

    /// A normalization with the given constants, one mean and one deviation for each channel.
    public init(means: [Float], deviations: [Float]) {
        precondition(
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
        // Sums of whole numbers are exact, so the constants do not depend on the order of the samples.
        var sums = [Int](repeating: 0, count: channels)
        var sumsOfSquares = [Int](repeating: 0, count: channels)
        for (index, byte) in data.bytes.enumerated() {
            let channel = index / extent % channels
            sums[channel] += Int(byte)
            sumsOfSquares[channel] += Int(byte) * Int(byte)
        }
        let count = Double(data.count * extent)
        means = sums.map { Float(Double($0) / count / 255) }
        deviations = zip(sums, sumsOfSquares).map { sum, sumOfSquares in
            let mean = Double(sum) / count
            let variance = Double(sumOfSquares) / count - mean * mean
            return variance > 0 ? Float(variance.squareRoot() / 255) : 1
        }
    }
}
