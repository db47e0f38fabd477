/// A name from a file, compared by its code points.
///
/// `String` compares by canonical equivalence: there, "é" as one code point equals "é" as two, and the Kelvin sign equals
/// the letter K. In files these are different names.
package struct ExactName: Hashable, Sendable {
    /// The name.
    package let string: String

    /// A name from its text.
    package init(_ string: String) { self.string = string }

    package static func == (one: Self, other: Self) -> Bool {
        one.string.utf8.count == other.string.utf8.count
            && one.string.utf8.elementsEqual(other.string.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
