/// Why a convolution cannot be planned or carried out.
public enum ConvolutionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An extent breaks the rule of its boundary.
    case invalidExtent(signal: Int, kernel: Int, boundary: Boundary, rule: String)
    /// The extents are so large that sizes computed from them overflow.
    case sizeOverflow(extents: [Int])
    /// More memory is needed, in bytes, than this machine has. Nothing was allocated.
    case insufficientMemory(required: Int, available: Int)
    /// FFTW could not make a plan, which happens only when memory runs out.
    case planningFailed(length: Int)
    /// A file of wisdom could not be read or written.
    case wisdom(path: String, reason: String)

    /// One sentence that says what was expected and what was found.
    public var description: String {
        switch self {
        case .invalidExtent(let signal, let kernel, let boundary, let rule):
            "a \(boundary.rawValue) convolution of a signal of extent \(signal) with a kernel of extent \(kernel) "
                + "does not exist: \(rule)"
        case .sizeOverflow(let extents):
            "the extents \(extents) are too large: sizes computed from them overflow"
        case .insufficientMemory(let required, let available):
            "\(required) bytes of workspace are needed, this machine has \(available)"
        case .planningFailed(let length):
            "FFTW could not plan a transform of length \(length)"
        case .wisdom(let path, let reason):
            "the wisdom file \(path): \(reason)"
        }
    }
}
