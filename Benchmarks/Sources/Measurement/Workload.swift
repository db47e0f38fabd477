import Convolution

/// What is measured: the shape of a convolution whose kernels are as long as its signals.
///
/// One-dimensional workloads are causal, two-dimensional ones centred.
public struct Workload: Codable, Hashable, Sendable {
    /// Which kernel meets which signals.
    public enum Kernels: String, Codable, CaseIterable, Sendable {
        /// One kernel a channel, `[C, ...extents]`.
        case shared
        /// One kernel a row, `[B, C, ...extents]`.
        case perSample = "per sample"
    }

    /// The number of samples, B.
    public let batch: Int
    /// The number of channels, C.
    public let channels: Int
    /// The extents of a signal and of a kernel: `[L]` or `[H, W]`.
    public let extents: [Int]
    /// Which outputs are kept: as many as the signal has, so outputs are of its shape.
    public let boundary: Boundary
    /// Which kernel meets which signals.
    public let kernels: Kernels

    /// A workload of the given shape.
    ///
    /// - Parameters:
    ///   - shape: `BxCxL` or `BxCxHxW`, every number from 1.
    ///   - kernels: Which kernel meets which signals.
    /// - Throws: ``WorkloadError/invalidShape(_:)``
    public init(shape: String, kernels: Kernels) throws(WorkloadError) {
        let numbers = shape.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        // As `Double` no product overflows.
        guard (3...4).contains(numbers.count), numbers.allSatisfy({ $0 >= 1 }),
            numbers.reduce(1.0, { $0 * Double($1) }) <= Double(Self.largestCount)
        else { throw .invalidShape(shape) }
        batch = numbers[0]
        channels = numbers[1]
        extents = Array(numbers[2...])
        boundary = extents.count == 1 ? .causal : .centred
        self.kernels = kernels
    }

    /// The largest number of scalars of all signals: 16 GiB of them.
    static let largestCount = 1 << 32

    /// `BxCxL` or `BxCxHxW`.
    public var shape: String { ([batch, channels] + extents).map(String.init).joined(separator: "x") }

    /// The scalars of all signals together; there are as many outputs.
    public var signalCount: Int { extents.reduce(batch * channels, *) }

    /// The scalars of all kernels together.
    public var kernelCount: Int { kernels == .shared ? signalCount / batch : signalCount }

    /// How the engine is told which kernel meets which signals.
    public var pairing: Pairing {
        kernels == .shared
            ? .shared(batch: batch, channels: channels) : .perSample(batch: batch, channels: channels)
    }
}

/// Why there is no such workload.
public enum WorkloadError: Error, CustomStringConvertible {
    /// The shape is not spelled as it should be.
    case invalidShape(String)

    /// One sentence that says what was expected and what was found.
    public var description: String {
        switch self {
        case .invalidShape(let shape):
            "expected a shape BxCxL or BxCxHxW of 1 to 2^32 numbers, got '\(shape)'"
        }
    }
}

extension Workload {
    /// The shapes that are measured unless others are asked for.
    public static let standardShapes = [
        "16x64x784", "16x64x1024", "8x64x4096", "4x64x16384", "2x32x65536", "1x4x1048576", "1x1x16777216",
        "16x64x32x32", "8x64x64x64", "2x16x256x256", "1x3x1024x1024",
    ]

    /// A few small shapes for trying the programs out.
    public static let quickShapes = ["16x64x784", "4x64x4096", "4x64x32x32"]

    /// Every shape with shared kernels and with kernels for each sample.
    public static func workloads(shapes: [String]) throws(WorkloadError) -> [Workload] {
        var workloads: [Workload] = []
        for shape in shapes {
            for kernels in Kernels.allCases { workloads.append(try Workload(shape: shape, kernels: kernels)) }
        }
        return workloads
    }
}
