import ArgumentParser
import Terminator

/// The largest count that a command line may ask for: of epochs, steps, samples.
///
/// Products of two counts, and of a count and the bytes of a sample, stay within an `Int`.
public let largestCount = 1_000_000_000

/// Reads an option's whole number: an optional sign and decimal digits, within `range`.
public func wholeNumber<Number: FixedWidthInteger & Sendable>(
    _ range: ClosedRange<Number>
) -> @Sendable (String) throws -> Number {
    { text in
        guard let number = DecimalNumber.integer(text, as: Number.self), range ~= number else {
            throw ValidationError(
                "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

/// Reads an option's number above 0, in decimal notation.
@Sendable public func numberAboveZero(_ text: String) throws -> Float {
    guard let number = DecimalNumber.float(text), number > 0 else {
        throw ValidationError("expected a number above 0 in decimal notation, from 1e-45 to 3.4e38")
    }
    return number
}

/// Reads an option's number above 0 and below 1, in decimal notation.
@Sendable public func shareBelowOne(_ text: String) throws -> Float {
    guard let number = DecimalNumber.float(text), number > 0, number < 1 else {
        throw ValidationError("expected a number above 0 and below 1 in decimal notation")
    }
    return number
}

/// Reads an option's number of at least 0, in decimal notation.
@Sendable public func numberOfAtLeastZero(_ text: String) throws -> Float {
    guard let number = DecimalNumber.float(text), number >= 0 else {
        throw ValidationError("expected 0 or a number from 1e-45 to 3.4e38 in decimal notation")
    }
    return number
}

// The parser shows the defaults of types that it knows to read, and none of those that a closure reads.

extension Option where Value: FixedWidthInteger & Sendable {
    /// An option for a whole number in `range`, whose default the help shows.
    public init(wrappedValue: Value, help: String, in range: ClosedRange<Value>) {
        self.init(
            wrappedValue: wrappedValue, help: "\(help) (default: \(wrappedValue))",
            transform: wholeNumber(range))
    }
}

extension Option where Value == Float {
    /// An option for a number, whose default the help shows.
    public init(
        wrappedValue: Value, help: String, reading read: @Sendable @escaping (String) throws -> Float
    ) {
        self.init(
            wrappedValue: wrappedValue, help: "\(help) (default: \(wrappedValue))", transform: read)
    }
}
