import CVectorKernels

extension Tensor {
    /// The correlation of each channel with a small kernel of its own, zero outside, of the same size:
    /// y[b, c, i] = Σ over p of kernel[c, p] x[b, c, i + p - (k - 1) / 2]. The kernel is not flipped.
    ///
    /// The tensor's shape is [B, C, L] or [B, C, H, W].
    ///
    /// - Parameter kernel: Shape [C, k] or [C, k, l], with odd extents.
    /// - Complexity: O(*n* · *k*) for *n* scalars and kernels of *k* scalars; large kernels belong to
    ///   `longConvolution`.
    public func depthwiseCorrelation(kernel: Tensor) -> Tensor {
        precondition(
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

/// Planes and kernels; with one spatial axis, of a single row.
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
        (kernelRows, kernelColumns) = (
            shape.count == 4 ? kernelShape[1] : 1, kernelShape[kernelShape.count - 1]
        )
    }

    private var plane: vk_plane { vk_plane(rows: rows, columns: columns, stride: columns) }
    private var kernelPlane: vk_plane {
        vk_plane(rows: kernelRows, columns: kernelColumns, stride: kernelColumns)
    }
    private var kernelCount: Int { kernelRows * kernelColumns }
    private var paddedStride: Int { columns + kernelColumns - 1 }
    private var paddedCount: Int { (rows + kernelRows - 1) * paddedStride }
    private var nanoseconds: Double { Double(kernelCount) * 0.05 + 0.3 }

    /// Calls `body` with memory for a plane and its margin, which is zero.
    private func withPaddedPlane(_ body: (UnsafeMutablePointer<Float>) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: paddedCount) { padded in
            padded.initialize(repeating: 0)
            body(padded.baseAddress!)
        }
    }

    private func copy(_ plane: UnsafePointer<Float>, to padded: UnsafeMutablePointer<Float>) {
        for row in 0..<rows {
            let start = (row + kernelRows / 2) * paddedStride + kernelColumns / 2
            (padded + start).update(from: plane + row * columns, count: columns)
        }
    }

    func correlate(_ input: Tensor, with kernel: Tensor, isFlipped: Bool = false) -> Tensor {
        var weights = kernel.scalars
        if isFlipped {
            for channel in 0..<channels {
                weights[channel * kernelCount..<(channel + 1) * kernelCount].reverse()
            }
        }
        let loops = vectorLoops
        return Tensor(shape: shape) { result in
            input.withPointer { x in
                weights.withUnsafeBufferPointer { weights in
                    inPieces(of: batch * channels, scalarsEach: rows * columns, nanoseconds: nanoseconds) {
                        piece in
                        withPaddedPlane { padded in
                            for index in piece {
                                copy(x + index * rows * columns, to: padded)
                                loops.pointee.correlate(
                                    result + index * rows * columns, plane, padded, paddedStride,
                                    weights.baseAddress! + index % channels * kernelCount, kernelPlane)
                            }
                        }
                    }
                }
            }
        }
    }

    func kernelCotangent(input: Tensor, cotangent: Tensor) -> Tensor {
        let loops = vectorLoops
        return Tensor(shape: kernelShape) { result in
            input.withPointer { x in
                cotangent.withPointer { g in
                    inPieces(of: channels, scalarsEach: batch * rows * columns, nanoseconds: nanoseconds) {
                        piece in
                        withPaddedPlane { padded in
                            withUnsafeTemporaryAllocation(of: Double.self, capacity: kernelCount) { sums in
                                for channel in piece {
                                    sums.initialize(repeating: 0)
                                    for sample in 0..<batch {
                                        let at = (sample * channels + channel) * rows * columns
                                        copy(x + at, to: padded)
                                        loops.pointee.correlate_weights(
                                            sums.baseAddress!, kernelPlane, padded, paddedStride, g + at,
                                            plane)
                                    }
                                    loops.pointee.round_sums(
                                        result + channel * kernelCount, sums.baseAddress!, kernelCount)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
