import CVectorLoops
import Convolution
import Runtime

extension Tensor {
    /// The correlation of each channel of this tensor, [B, C, L] or [B, C, H, W], with a small kernel of its own,
    /// padded with zeros to the same size.
    ///
    /// y[b, c, i] = Σ over p of kernel[c, p] x[b, c, i + p - (k - 1) / 2]: the kernel is not flipped.
    ///
    /// - Parameter kernel: Shape [C, k] or [C, k, l], with odd extents.
    /// - Complexity: O(*n* · *k*) for *n* scalars and kernels of *k* scalars; for large kernels see
    ///   ``longConvolution(kernel:boundary:)``.
    public func depthwiseCorrelation(kernel: Tensor) -> Tensor {
        require(
            (rank == 3 || rank == 4) && kernel.rank == rank - 1 && kernel.shape[0] == shape[1]
                && kernel.shape.dropFirst().allSatisfy { $0 % 2 == 1 },
            "expected shapes [B, C, *S] and [C, *k] with one or two spatial axes and odd k, got \(shape) and "
                + "\(kernel.shape)")
        let geometry = CorrelationGeometry(shape: shape, kernelShape: kernel.shape)
        let result = geometry.correlate(self, with: kernel)
        let input = kernel.isRecorded ? detached : nil
        let keptKernel = isRecorded ? kernel.detached : nil
        return result.recorded(from: self, kernel) { cotangent in
            [
                keptKernel.map { geometry.correlate(cotangent, with: $0, isFlipped: true) },
                input.map { geometry.kernelCotangent(input: $0, cotangent: cotangent) },
            ]
        }
    }
}

/// The planes and kernels of a depthwise correlation; with one spatial axis, planes of a single row.
///
/// Each plane is copied to a padded one, with zeros around it. Kernels of 3, 5, 7 or 9 rows are applied row by row. For
/// others the padded plane is correlated as one long row, in which each weight has a fixed offset; outputs between the
/// plane's rows are dropped when the result is copied back.
private struct CorrelationGeometry: Sendable {
    private let shape: [Int]
    private let kernelShape: [Int]
    private let batch: Int
    private let channels: Int
    private let rows: Int
    private let columns: Int
    private let kernelRows: Int
    private let kernelColumns: Int

    init(shape: [Int], kernelShape: [Int]) {
        self.shape = shape
        self.kernelShape = kernelShape
        (batch, channels) = (shape[0], shape[1])
        (rows, columns) = (shape.count == 4 ? shape[2] : 1, shape[shape.count - 1])
        (kernelRows, kernelColumns) =
            (shape.count == 4 ? kernelShape[1] : 1, kernelShape[kernelShape.count - 1])
    }

    private var planeCount: Int { rows * columns }
    private var kernelCount: Int { kernelRows * kernelColumns }
    private var stride: Int { columns + kernelColumns - 1 }
    /// The length of the long row that covers a plane, without the padding behind its last row.
    private var rowCount: Int { (rows - 1) * stride + columns }
    private var paddedCount: Int { (rows + kernelRows - 1) * stride }
    private var nanoseconds: Double {
        Double(kernelCount) * Tuning.Nanoseconds.correlationTap + Tuning.Nanoseconds.arithmetic
    }
    /// The offset of each weight's input in the padded plane, relative to the output.
    private var offsets: [Int] {
        (0..<kernelRows).flatMap { row in (0..<kernelColumns).map { row * stride + $0 } }
    }

    /// Whether the loops for planes apply.
    private var isPlane: Bool {
        [3, 5, 7, 9].contains(kernelRows) && columns >= vectorLoops.pointee.plane_columns
    }
    /// The stride of the cotangent's rows for those loops: a multiple of the vector's length.
    private var cotangentStride: Int {
        let vector = vectorLoops.pointee.plane_columns
        return (columns + vector - 1) / vector * vector
    }

    /// Calls `body` for each of `tasks` with two padded planes, zero before the first task of a range.
    private func withWorkspaces(
        for tasks: Int, scalarsPerIndex: Int,
        _ body: (_ task: Int, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>) ->
            Void
    ) {
        let cotangentCount = (rows + 2 * (kernelRows - 1)) * cotangentStride
        let capacity = max(paddedCount, cotangentCount) + vl_correlation_slack
        parallelRanges(of: tasks, scalarsPerIndex: scalarsPerIndex, nanoseconds: nanoseconds) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * capacity) { planes in
                planes.initialize(repeating: 0)
                for task in range { body(task, planes.baseAddress!, planes.baseAddress! + capacity) }
            }
        }
    }

    /// Copies a plane between rows of different strides.
    private func copyRows(
        _ source: UnsafePointer<Float>, _ sourceStride: Int, to target: UnsafeMutablePointer<Float>,
        _ targetStride: Int
    ) {
        vectorLoops.pointee.copy_rows(target, targetStride, source, sourceStride, rows, columns)
    }

    private func pad(_ plane: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>) {
        copyRows(plane, columns, to: padded + kernelRows / 2 * stride + kernelColumns / 2, stride)
    }

    func correlate(_ input: Tensor, with kernel: Tensor, isFlipped: Bool = false) -> Tensor {
        var weights = kernel.scalars
        if isFlipped {
            for channel in 0..<channels {
                weights[channel * kernelCount..<(channel + 1) * kernelCount].reverse()
            }
        }
        let (isPlane, offsets) = (isPlane, offsets)
        let loops = vectorLoops
        return Tensor(shape: shape) { result in
            input.withPointer { x in
                weights.withUnsafeBufferPointer { weights in
                    withWorkspaces(for: batch * channels, scalarsPerIndex: planeCount) { index, padded, row in
                        let (y, weights) = (
                            result + index * planeCount, weights.baseAddress! + index % channels * kernelCount
                        )
                        pad(x + index * planeCount, into: padded)
                        if isPlane {
                            loops.pointee.correlate_plane(
                                y, columns, rows, columns, padded, stride, weights, kernelRows, kernelColumns)
                        } else {
                            loops.pointee.correlate(row, rowCount, padded, weights, offsets, kernelCount)
                            copyRows(row, stride, to: y, columns)
                        }
                    }
                }
            }
        }
    }

    func kernelCotangent(input: Tensor, cotangent: Tensor) -> Tensor {
        let (isPlane, offsets) = (isPlane, offsets)
        let loops = vectorLoops
        func sum(
            _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>, over groups: BatchGroups,
            into all: UnsafeMutablePointer<Double>
        ) {
            withWorkspaces(for: channels, scalarsPerIndex: batch * planeCount) {
                channel, padded, row in
                groups.withSums(width: kernelCount) { sample, sums in
                    let at = (sample * channels + channel) * planeCount
                    pad(x + at, into: padded)
                    if isPlane {
                        let inner = row + (kernelRows - 1) * cotangentStride
                        copyRows(g + at, columns, to: inner, cotangentStride)
                        loops.pointee.correlate_plane_weights(
                            sums, row, rows, cotangentStride, padded, stride, kernelRows,
                            kernelColumns)
                    } else {
                        copyRows(g + at, columns, to: row, stride)
                        loops.pointee.correlate_weights(
                            sums, row, rowCount, padded, offsets, kernelCount)
                    }
                } _: {
                    (all + channel * kernelCount).update(from: $0, count: kernelCount)
                }
            }
        }
        let count = channels * kernelCount
        return Tensor(shape: kernelShape) { result in
            input.withPointer { x in
                cotangent.withPointer { g in
                    withBatchSums(samples: batch, in: cotangent.partition, doubles: count) { groups, sums in
                        sum(x, g, over: groups, into: sums)
                    } _: {
                        loops.pointee.round_sums(result, $0, count)
                    }
                }
            }
        }
    }
}
