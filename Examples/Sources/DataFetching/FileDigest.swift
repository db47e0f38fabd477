import Crypto
import Foundation

/// The digest of a file's bytes, in lower-case hexadecimal digits, by the function with which it was published.
///
/// None of them is for secrets here. SHA-256 tells a file from any that was made to deceive; MD5 and SHA-1 tell it from
/// all others, unless both were made by one deceiver.
public enum FileDigest: Sendable, Equatable, CustomStringConvertible {
    /// SHA-256.
    case sha256(String)
    /// SHA-1.
    case sha1(String)
    /// MD5.
    case md5(String)

    /// The function and the digits.
    public var description: String {
        switch self {
        case .sha256(let digits): "SHA-256 \(digits)"
        case .sha1(let digits): "SHA-1 \(digits)"
        case .md5(let digits): "MD5 \(digits)"
        }
    }

    /// The digest, by the same function, of the pieces that `next` returns until it returns `nil`.
    func same(
        ofPieces next: () throws(DataFetchError) -> UnsafeRawBufferPointer?
    ) throws(DataFetchError) -> FileDigest {
        switch self {
        case .sha256: .sha256(try Self.digits(by: SHA256.self, ofPieces: next))
        case .sha1: .sha1(try Self.digits(by: Insecure.SHA1.self, ofPieces: next))
        case .md5: .md5(try Self.digits(by: Insecure.MD5.self, ofPieces: next))
        }
    }

    /// The digest, by the same function, of the file at `path`. Reads it piece by piece.
    func same(ofFile path: String) throws(DataFetchError) -> FileDigest {
        let file = try FilePieces(path)
        return try same { () throws(DataFetchError) in try file.next() }
    }

    private static func digits<Function: HashFunction>(
        by function: Function.Type, ofPieces next: () throws(DataFetchError) -> UnsafeRawBufferPointer?
    ) throws(DataFetchError) -> String {
        var hash = function.init()
        while let piece = try next() { hash.update(bufferPointer: piece) }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Archive {
    /// Refuses a file that is not this archive.
    func check(_ path: String) throws(DataFetchError) {
        guard let found = try fileSize(path) else {
            throw DataFetchError(path, .system(String(cString: strerror(ENOENT))))
        }
        guard found == byteCount else { throw DataFetchError(path, .size(expected: byteCount, found: found)) }
        let expected = FileDigest.sha256(digest)
        let foundDigest = try expected.same(ofFile: path)
        guard foundDigest == expected else {
            throw DataFetchError(path, .digest(expected: expected, found: foundDigest))
        }
    }
}
