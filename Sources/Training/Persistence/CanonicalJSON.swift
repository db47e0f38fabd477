import Foundation

/// A value as JSON in one line with sorted names, so that equal values make equal files. Its numbers must be finite.
func canonicalJSON(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
        fatalError("expected a value that can be encoded, got \(value): \(error)")
    }
}
