import Runtime

/// A seeded random number generator; the same seed gives the same numbers on every platform and in every version.
///
/// The state is `Codable`, so that training resumed from a checkpoint continues the sequence.
///
/// Source: xoshiro256++ 1.0 by D. Blackman and S. Vigna (doi 10.1145/3460772), seeded through SplitMix64.
public struct RandomNumbers: RandomNumberGenerator, Sendable, Codable, Equatable {
    private var state: [UInt64]

    /// A generator with the given seed; any value is valid.
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

    /// Decodes a generator's state.
    ///
    /// - Throws: `DecodingError.dataCorrupted` for anything but four words, not all zero.
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

    /// Encodes the state, an array of four words.
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
