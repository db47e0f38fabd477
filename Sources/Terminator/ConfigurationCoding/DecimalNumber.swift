/// The numbers that command lines and configurations may write: in decimal notation and no other.
public enum DecimalNumber {
    /// The integer that `text` writes: an optional sign and decimal digits. Leading zeros have no meaning.
    ///
    /// Returns `nil` for anything else (underscores, fractions, exponents, other bases) and for integers that `Integer`
    /// cannot hold.
    public static func integer<Integer: FixedWidthInteger>(
        _ text: String, as type: Integer.Type = Integer.self
    ) -> Integer? {
        Integer(text)
    }

    /// The number nearest to the one that `text` writes: an optional sign, decimal digits with an optional point, and an
    /// optional exponent, as in `-1.5e-3`.
    ///
    /// Returns `nil` for anything else (infinities, "nan", hexadecimal digits, underscores), for numbers above the largest
    /// `Float`, about 3.4e38, and for numbers that `Float` rounds to zero, below about 7e-46.
    public static func float(_ text: String) -> Float? {
        guard isDecimal(text), let number = Float(text), number.isFinite else { return nil }
        let mantissa = text.utf8.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        guard number != 0 || !mantissa.contains(where: { UInt8(ascii: "1")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        return number
    }

    /// Whether a text writes a number in decimal notation, of whatever size.
    static func isDecimal(_ text: String) -> Bool {
        // Of these characters the standard library's grammar makes decimal numbers alone.
        text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && Double(text) != nil
    }
}

/// At most forty characters of a text from outside, for a message.
func abbreviated(_ text: String, to count: Int = 40) -> String {
    let kept = text.prefix(count)
    return kept.endIndex < text.endIndex ? kept + "..." : text
}
