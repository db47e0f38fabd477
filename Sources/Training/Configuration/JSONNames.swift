import Foundation

/// The first name that stands twice in one record of `text`, which must be valid JSON; `nil` if there is none.
///
/// Foundation's decoder takes the first of such fields and passes over the others in silence.
///
/// Complexity: O(*n*), where *n* is the length of the text.
func nameStandingTwice(inJSON text: String) -> String? {
    /// The names of each open record so far; `nil` for an open list.
    var open: [Set<String>?] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
        switch byte {
        case UInt8(ascii: "{"): open.append([])
        case UInt8(ascii: "["): open.append(nil)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): open.removeLast()
        case UInt8(ascii: "\""):
            let quoted = quotedText(at: rest)
            let behind = rest[quoted.endIndex...].drop { " \t\r\n".utf8.contains($0) }
            // Of all texts, names alone stand before a colon.
            if behind.first == UInt8(ascii: ":") {
                let name = unescaped(quoted)
                guard open[open.count - 1]?.insert(name).inserted == true else { return name }
            }
            rest = rest[quoted.endIndex...]
            continue
        default: break
        }
        rest.removeFirst()
    }
    return nil
}

/// The text that `bytes` begin with, from quote to quote.
private func quotedText(at bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end = bytes.startIndex + 1
    while bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
    return bytes[...end]
}

/// What stands between the quotes: a name may be written with escapes in one place and without in another.
private func unescaped(_ quoted: ArraySlice<UInt8>) -> String {
    let plain = String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    guard plain.utf8.contains(UInt8(ascii: "\\")) else { return plain }
    return (try? JSONDecoder().decode(String.self, from: Data(quoted))) ?? plain
}
