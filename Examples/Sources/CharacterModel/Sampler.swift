import Foundation
import Tensors

/// Draws bytes from logits, such that they are UTF-8.
struct Sampler {
    private let temperature: Double
    private var randomNumbers: RandomNumbers

    /// - Parameter temperature: what logits are divided by; 0 for the largest of them.
    init(temperature: Double, seed: UInt64) {
        self.temperature = temperature
        randomNumbers = RandomNumbers(seed: seed)
    }

    /// The number in 0 ..< 1 that decides on the next byte.
    mutating func nextNumber() -> Double { Double(randomNumbers.next() >> 11) * 0x1p-53 }

    /// The byte in whose part of the distribution `number` falls: softmax(logits / temperature) over the bytes that may follow
    /// an unfinished character, in the order of their values.
    func byte(from logits: [Float], after beginning: [UInt8], number: Double) throws -> UInt8 {
        let allowed = UTF8Beginning.bytes(after: beginning)
        let largest = allowed.reduce(-Float.infinity) { max($0, logits[Int($1)]) }
        guard largest.isFinite, !logits.contains(where: \.isNaN) else {
            throw SamplingError("expected finite logits, found others: the network has diverged")
        }
        let likeliest = allowed.first { logits[Int($0)] == largest }!
        guard temperature > 0 else { return likeliest }
        let weights = allowed.map { exp(Double(logits[Int($0)] - largest) / temperature) }
        var rest = number * weights.reduce(0, +)
        for (byte, weight) in zip(allowed, weights) {
            rest -= weight
            if rest < 0 { return byte }
        }
        // Rounding left a little.
        return likeliest
    }
}

/// A text cannot be drawn.
struct SamplingError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The bytes at the beginning of a scalar of Unicode (The Unicode Standard, table 3-7), without control characters but for tabs
/// and line ends.
enum UTF8Beginning {
    /// Whether the bytes are a whole scalar.
    static func isWhole(_ bytes: [UInt8]) -> Bool { bytes.count == length(of: bytes[0]) }

    /// The bytes that may follow.
    static func bytes(after beginning: [UInt8]) -> [UInt8] {
        guard let first = beginning.first else {
            return [0x09, 0x0A, 0x0D] + Array(0x20...0x7E) + Array(0xC2...0xF4)
        }
        guard beginning.count == 1 else { return Array(0x80...0xBF) }
        return switch first {
        case 0xC2, 0xE0: Array(0xA0...0xBF)
        case 0xED: Array(0x80...0x9F)
        case 0xF0: Array(0x90...0xBF)
        case 0xF4: Array(0x80...0x8F)
        default: Array(0x80...0xBF)
        }
    }

    /// The bytes of the last scalar of a text, if it is not whole.
    static func unfinished(in text: ArraySlice<UInt8>) -> [UInt8] {
        guard let start = text.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return [] }
        let last = Array(text[start...])
        return isWhole(last) ? [] : last
    }

    /// The bytes of a scalar that begins with `first`.
    private static func length(of first: UInt8) -> Int {
        switch first {
        case ..<0x80: 1
        case ..<0xE0: 2
        case ..<0xF0: 3
        default: 4
        }
    }
}
