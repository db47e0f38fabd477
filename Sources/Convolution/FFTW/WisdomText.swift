/// The text as which FFTW 3.3 writes its wisdom: a line about itself, a line for each solution, a closing parenthesis.
///
/// FFTW ends the process (`CK` in `imprt` of its planner.c) when a number does not fit the field that it has for it, so a text
/// out of a file is compared with the format before FFTW reads it.
enum WisdomText {
    /// The bits of a solution's lower and upper flags and of its time limit: `flags_t` in FFTW's ifftw.h.
    private static let bitCounts = [20, 20, 9]
    /// The bits of each of the four words of a problem's digest.
    private static let digestBitCounts = [32, 32, 32, 32]
    /// The size of FFTW's buffer for a solver's name, with a zero behind it.
    private static let nameByteCount = 64

    /// Whether the text has the form in which FFTW writes it, with numbers that FFTW can hold.
    ///
    /// - Complexity: O(*n*), where *n* is the number of bytes.
    static func isWellFormed(_ text: String) -> Bool {
        let lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Nothing stands behind the last line break.
        guard lines.count >= 3, lines[lines.count - 1].isEmpty,
            lines[lines.count - 2].elementsEqual(")".utf8), isTitle(lines[0])
        else { return false }
        return lines[1..<lines.count - 2].allSatisfy(isSolution)
    }

    /// `(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf`
    private static func isTitle(_ line: ArraySlice<UInt8>) -> Bool {
        let words = words(of: line.dropFirst())
        return line.first == UInt8(ascii: "(") && words.count == 6 && words[..<2].allSatisfy(isName)
            && zip(words[2...], digestBitCounts).allSatisfy(isHexadecimal)
    }

    /// `  (fftwf_codelet_n2fv_8_avx 0 #x10bdd #x10bdd #x0 #xa65d78bf #x28c8422e #x8fef6075 #xac0aeb71)`
    private static func isSolution(_ line: ArraySlice<UInt8>) -> Bool {
        let start = "  (".utf8
        guard line.starts(with: start), line.last == UInt8(ascii: ")") else { return false }
        let words = words(of: line.dropFirst(start.count).dropLast())
        return words.count == 9 && isName(words[0]) && isIndex(words[1])
            && zip(words[2...], bitCounts + digestBitCounts).allSatisfy(isHexadecimal)
    }

    private static func words(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    }

    private static func isName(_ word: ArraySlice<UInt8>) -> Bool {
        (1..<nameByteCount).contains(word.count)
            && word.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: ")")
            }
    }

    /// The number of a solver among those of its name: a C `int`.
    private static func isIndex(_ word: ArraySlice<UInt8>) -> Bool {
        (1...9).contains(word.count)
            && word.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isHexadecimal(_ word: ArraySlice<UInt8>, bitCount: Int) -> Bool {
        let digits = word.dropFirst(2)
        // A sign is no digit, though `UInt64` would read it.
        guard word.starts(with: "#x".utf8), (1...8).contains(digits.count), digits.first != UInt8(ascii: "+"),
            let value = UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return false }
        return value >> bitCount == 0
    }
}
