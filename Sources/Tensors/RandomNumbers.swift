import Foundation
import Runtime

/// A seeded generator of random numbers; the same seed gives the same numbers everywhere and in every version.
///
/// The whole state can be encoded, so that a checkpoint continues with the numbers that would have come.
///
/// Source: xoshiro256++ 1.0 by D. Blackman and S. Vigna (doi 10.1145/3460772), seeded through SplitMix64.
public struct RandomNumbers: RandomNumberGenerator, Sendable, Codable, Equatable {
    private var state: [UInt64]

    /// A generator whose numbers are determined by `seed`; any value serves.
    public init(seed: UInt64) {
        var counter = seed
        state = (0..<4).map { _ in
            counter &+= 0x9E37_79B9_7F4A_7C15
            var mixed = counter
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    /// A generator in the given state of four words, not all zero.
    init(state: [UInt64]) {
        require(
            state.count == 4 && state.contains { $0 != 0 }, "expected four words, not all zero, got \(state)")
        self.state = state
    }

    /// Restores an encoded generator; refuses a state that no generator can have.
    public init(from decoder: any Decoder) throws {
        let words = try decoder.singleValueContainer().decode([UInt64].self)
        guard words.count == 4 && words.contains(where: { $0 != 0 }) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "expected four words of state, not all zero, found \(words)"))
        }
        state = words
    }

    /// Encodes the state: an array of four words.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(state)
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        let result = Self.rotate(state[0] &+ state[3], by: 23) &+ state[0]
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = Self.rotate(state[3], by: 45)
        return result
    }

    private static func rotate(_ word: UInt64, by count: UInt64) -> UInt64 {
        word << count | word >> (64 - count)
    }
}

// MARK: - Distributions

extension RandomNumbers {
    /// A number from the uniform distribution over `range`, which must not be empty.
    public mutating func uniform(in range: Range<Float>) -> Float {
        require(
            !range.isEmpty && range.upperBound - range.lowerBound < .infinity,
            "expected a finite range, not empty, got \(range)")
        while true {
            let fraction = Float(next() >> 40) * 0x1p-24
            let number = range.lowerBound + (range.upperBound - range.lowerBound) * fraction
            // Rounding may reach the upper bound.
            if number < range.upperBound { return number }
        }
    }

    /// A number from the normal distribution with mean 0 and deviation 1.
    public mutating func normal() -> Float { Float(preciseNormal()) }

    /// A number from the Gamma distribution with the given shape and rate 1.
    ///
    /// Source: G. Marsaglia and W. W. Tsang, A simple method for generating gamma variables (doi
    /// 10.1145/358407.358414); for shapes below 1 the number of shape + 1 times a power of a uniform one.
    public mutating func gamma(shape: Double) -> Double {
        require(shape > 0 && shape < .infinity, "expected a finite shape above 0, got \(shape)")
        guard shape >= 1 else { return gamma(shape: shape + 1) * pow(openUniform(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = preciseNormal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let cube = root * root * root
            if log(openUniform()) < 0.5 * x * x + d - d * cube + d * log(cube) { return d * cube }
        }
    }

    /// The numbers 0 ..< `count` in an order drawn uniformly from all.
    public mutating func permutation(of count: Int) -> [Int] {
        require(count >= 0, "expected a count of at least 0, got \(count)")
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, index(below: last + 1)) }
        return order
    }

    /// An index in 0 ..< `bound`, all equally likely.
    private mutating func index(below bound: Int) -> Int {
        // The product's upper word is the index; what would favor some indices is drawn again.
        let threshold = (0 &- UInt64(bound)) % UInt64(bound)
        while true {
            let (high, low) = next().multipliedFullWidth(by: UInt64(bound))
            if low >= threshold { return Int(high) }
        }
    }

    /// A number strictly between 0 and 1.
    private mutating func openUniform() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }

    /// Box and Muller's transform; its second number is not kept, so that the state is the four words alone.
    private mutating func preciseNormal() -> Double {
        let radius = (-2 * log(openUniform())).squareRoot()
        return radius * cos(2 * .pi * openUniform())
    }
}

extension Tensor {
    /// A tensor of numbers from the uniform distribution over `range`.
    public init(shape: [Int], uniformIn range: Range<Float>, using randomNumbers: inout RandomNumbers) {
        let scalars = (0..<shape.reduce(1, *)).map { _ in randomNumbers.uniform(in: range) }
        self.init(shape: shape, scalars: scalars)
    }

    /// A tensor of numbers from the normal distribution with mean 0 and the given deviation.
    public init(
        shape: [Int], normalWithDeviation deviation: Float, using randomNumbers: inout RandomNumbers
    ) {
        let scalars = (0..<shape.reduce(1, *)).map { _ in deviation * randomNumbers.normal() }
        self.init(shape: shape, scalars: scalars)
    }
}
