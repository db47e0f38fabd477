import CVectorKernels
import Convolution
import Runtime

/// The vector loops for this processor.
var vectorLoops: UnsafePointer<vk_tensor_loops> { vk_tensor_loops_table() }

/// Calls `body` for ranges that together make up 0 ..< `count`, on several threads where that pays.
///
/// How the range is cut depends on `count` and `scalarsEach`, the number of scalars an index stands for, and not on
/// the number of threads. Each call must write to memory of its own. `nanoseconds` says what a scalar costs.
func inPieces(
    of count: Int, scalarsEach: Int = 1, nanoseconds: Double = 0.3, _ body: (Range<Int>) -> Void
) {
    let length = max(1, pieceLength / max(1, scalarsEach))
    let pieces = (count + length - 1) / length
    parallelFor(pieces, nanoseconds: Double(count) * Double(scalarsEach) * nanoseconds) { piece, _ in
        body(piece * length..<min(count, (piece + 1) * length))
    }
}

/// The number of scalars a piece of work has, about: 64 KiB, so that three operands stay in a core's second cache.
private let pieceLength = 1 << 14

extension Tensor {
    /// Reads the scalars through a pointer to the first, for the vector loops.
    func withPointer<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
        try withScalars { try body($0.baseAddress!) }
    }

    /// A tensor whose scalars are written through a pointer to the first.
    init(shape: [Int], writing write: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
        try self.init(shape: shape, initializingWith: { try write($0.baseAddress!) })
    }
}
