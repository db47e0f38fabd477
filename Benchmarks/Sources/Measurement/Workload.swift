import Convolution

/// What is measured: the shape of a convolution, as it is or gated.
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
    /// The extents of a signal: `[L]` or `[H, W]`.
    public let extents: [Int]
    /// The extents of a kernel.
    public let kernelExtents: [Int]
    /// Which outputs are kept: as many as the signal has, so outputs are of its shape.
    public let boundary: Boundary
    /// Which kernel meets which signals.
    public let kernels: Kernels
    /// Whether it has both gates and a skip.
    public let isGated: Bool

    private enum CodingKeys: String, CodingKey {
        case batch, channels, extents, boundary, kernels
        case kernelExtents = "kernel_extents"
        case isGated = "is_gated"
    }

    /// A workload of the given shape.
    ///
    /// - Parameters:
    ///   - shape: `BxCxL` or `BxCxHxW`, every number from 1.
    ///   - kernels: Which kernel meets which signals.
    ///   - kernelExtents: The extents of a kernel, every number from 1; `nil`: those of the signal.
    ///   - boundary: Which outputs are kept, as many as the signal has; `nil`: causal in one dimension, centred in two.
    ///   - isGated: Whether it has both gates and a skip.
    /// - Throws: ``WorkloadError``
    public init(
        shape: String, kernels: Kernels, kernelExtents: [Int]? = nil, boundary: Boundary? = nil,
        isGated: Bool = false
    ) throws(WorkloadError) {
        let numbers = shape.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        // As `Double` no product overflows.
        guard (3...4).contains(numbers.count), numbers.allSatisfy({ $0 >= 1 }),
            numbers.reduce(1.0, { $0 * Double($1) }) <= Double(Self.largestCount)
        else { throw .invalidShape(shape) }
        batch = numbers[0]
        channels = numbers[1]
        extents = Array(numbers[2...])
        self.kernelExtents = kernelExtents ?? extents
        self.boundary = boundary ?? (extents.count == 1 ? .causal : .centred)
        self.kernels = kernels
        self.isGated = isGated
        guard self.kernelExtents.count == extents.count, self.kernelExtents.allSatisfy({ $0 >= 1 }),
            self.kernelExtents.reduce(Double(kernelBatch * channels), { $0 * Double($1) })
                <= Double(Self.largestCount)
        else { throw .invalidKernel(self.kernelExtents) }
    }

    /// The largest number of scalars of all signals: 16 GiB of them.
    static let largestCount = 1 << 32

    /// `BxCxL` or `BxCxHxW`.
    public var shape: String { ([batch, channels] + extents).map(String.init).joined(separator: "x") }

    /// The scalars of all signals together; there are as many outputs.
    public var signalCount: Int { extents.reduce(batch * channels, *) }

    /// The scalars of all kernels together.
    public var kernelCount: Int { kernelExtents.reduce(kernelBatch * channels, *) }

    /// The scalars of one row or plane.
    public var rowLength: Int { extents.reduce(1, *) }

    private var kernelBatch: Int { kernels == .shared ? 1 : batch }

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
    /// The kernel has other axes than the signal, or none.
    case invalidKernel([Int])

    /// One sentence that says what was expected and what was found.
    public var description: String {
        switch self {
        case .invalidShape(let shape):
            "expected a shape BxCxL or BxCxHxW of 1 to 2^32 numbers, got '\(shape)'"
        case .invalidKernel(let extents):
            "expected a kernel of the signal's number of axes, every extent from 1 and 2^32 numbers at most, got \(extents)"
        }
    }
}
