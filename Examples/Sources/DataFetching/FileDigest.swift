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
}
