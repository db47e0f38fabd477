/// How a sample is written: an integer of 16, 24 or 32 bits or a float of 32 or 64 bits, its lowest byte first.
public enum SampleFormat: String, Sendable, Hashable, CaseIterable {
    case int16, int24, int32, float32, float64

    /// The bytes of a sample.
    public var byteCount: Int {
        switch self {
        case .int16: 2
        case .int24: 3
        case .int32, .float32: 4
        case .float64: 8
        }
    }

    /// Whether samples are integers, which stand for numbers in -1 ..< 1.
    public var isInteger: Bool { self != .float32 && self != .float64 }

    /// Whether a `Float` cannot hold each sample.
    public var needsDouble: Bool { self == .int32 || self == .float64 }
}
