import CVectorLoops

/// The scalar of a convolution: `Float` or `Double`. No other type can conform.
public protocol ConvolutionScalar: BinaryFloatingPoint, Sendable {
    /// The precision in which the engine computes.
    static var precision: Precision { get }
}

/// A precision of the engine: single or double. It has no public initializer, so that only the two types conform to
/// ``ConvolutionScalar`` for which there are loops and transforms.
public struct Precision: Sendable, Hashable {
    private let bitCount: UInt8

    static let single = Precision(bitCount: 32)
    static let double = Precision(bitCount: 64)
}

extension Float: ConvolutionScalar {
    /// Single precision.
    public static var precision: Precision { .single }
}

extension Double: ConvolutionScalar {
    /// Double precision.
    public static var precision: Precision { .double }
}

/// The vector loops of one precision.
typealias Loops = UnsafePointer<vl_spectral_loops>
/// The vector loops of residue-lane transforms, of one precision.
typealias LaneLoops = UnsafePointer<vl_lane_loops>

extension ConvolutionScalar {
    /// The vector loops of this precision, for the best instruction set of this processor.
    static var vectorLoops: Loops {
        precision == .single ? vl_spectral_loops_float() : vl_spectral_loops_double()
    }

    /// The loops of residue-lane transforms of this precision.
    static func laneLoops(_ set: vl_instruction_set) -> LaneLoops {
        precision == .single ? vl_lane_loops_float(set) : vl_lane_loops_double(set)
    }
}
