import CVectorKernels
import Convolution

extension Tensor {
    /// The same linear map at every point: y[b, o, s] = Σ over c of weight[o, c] x[b, c, s], plus bias[o].
    ///
    /// The tensor's shape is [B, C, *S] and the result's [B, O, *S], with any number of spatial axes, none included.
    ///
    /// - Parameters:
    ///   - weight: A matrix of shape [O, C].
    ///   - bias: A vector of shape [O], or `nil` for none.
    /// - Complexity: O(B · O · C · S), where S is the number of points.
    public func pointwise(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        precondition(
            rank >= 2 && weight.rank == 2 && weight.shape[1] == shape[1],
            "expected shapes [B, C, ...] and [O, C], got \(shape) and \(weight.shape)")
        if let bias {
            precondition(
                bias.shape == [weight.shape[0]],
                "expected a bias of shape \([weight.shape[0]]), got \(bias.shape)")
        }
        let map = PointwiseMap(inputShape: shape, outputChannels: weight.shape[0])
        let result = map.apply(weight, to: self, bias: bias)
        let input = weight.isRecorded ? detached : nil
        let keptWeight = isRecorded ? weight.detached : nil
        let wantsBias = bias?.isRecorded ?? false
        return [result].recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { cotangents in
            let cotangent = cotangents[0]!
            let pulledBack = [
                keptWeight.map { map.applyTransposed($0, to: cotangent) },
                input.map { map.weightCotangent(input: $0, cotangent: cotangent) },
            ]
            guard bias != nil else { return pulledBack }
            return pulledBack + [wantsBias ? map.biasCotangent(cotangent) : nil]
        }[0]
    }
}

/// The pieces of a pointwise map: samples, and blocks of points where there are many.
private struct PointwiseMap {
    let batch: Int
    let inputChannels: Int
    let outputChannels: Int
    let points: Int
    let inputShape: [Int]
    let outputShape: [Int]
    /// Points of one product at most.
    private let blockLength = 2048

    init(inputShape: [Int], outputChannels: Int) {
        self.inputShape = inputShape
        self.outputChannels = outputChannels
        batch = inputShape[0]
        inputChannels = inputShape[1]
        points = inputShape[2...].reduce(1, *)
        outputShape = [batch, outputChannels] + inputShape[2...]
    }

    private var blocks: Int { (points + blockLength - 1) / blockLength }

    /// Calls `body` with the sample, the first point and the number of points of each piece.
    private func forEachBlock(
        in pieces: Range<Int>, _ body: (_ sample: Int, _ start: Int, _ count: Int) -> Void
    ) {
        for piece in pieces {
            let (sample, block) = piece.quotientAndRemainder(dividingBy: blocks)
            body(sample, block * blockLength, min(blockLength, points - block * blockLength))
        }
    }

    private func inBlocks(_ body: (_ sample: Int, _ start: Int, _ count: Int) -> Void) {
        let length = min(points, blockLength)
        inPieces(
            of: batch * blocks, scalarsEach: length * max(inputChannels, outputChannels),
            nanoseconds: Double(min(inputChannels, outputChannels)) / 50 + 0.3
        ) {
            forEachBlock(in: $0, body)
        }
    }

    /// With one point, or no spatial axes, samples are the rows of a matrix: enough for cotangents.
    private var isMatrix: Bool { points == 1 }

    func apply(_ weight: Tensor, to input: Tensor, bias: Tensor?) -> Tensor {
        Tensor(shape: outputShape) { result in
            weight.withPointer { weight in
                input.withPointer { x in
                    let biasScalars = bias?.scalars
                    let matrix = MatrixView(weight, rows: outputChannels, columns: inputChannels)
                    // Sample by sample even where one product would do for all: what comes of a sample has the
                    // same bits in every batch.
                    inBlocks { sample, start, count in
                        for channel in 0..<outputChannels {
                            let row = result + (sample * outputChannels + channel) * points + start
                            row.initialize(repeating: biasScalars?[channel] ?? 0, count: count)
                        }
                        multiply(
                            matrix,
                            MatrixView(
                                x + sample * inputChannels * points + start, rows: inputChannels,
                                columns: count, stride: points),
                            into: result + sample * outputChannels * points + start, stride: points,
                            adding: true)
                    }
                }
            }
        }
    }

    func applyTransposed(_ weight: Tensor, to cotangent: Tensor) -> Tensor {
        Tensor(shape: inputShape) { result in
            weight.withPointer { weight in
                cotangent.withPointer { g in
                    let matrix = MatrixView(weight, rows: outputChannels, columns: inputChannels)
                    if isMatrix {
                        multiply(
                            MatrixView(g, rows: batch, columns: outputChannels), matrix, into: result,
                            stride: inputChannels)
                    } else {
                        inBlocks { sample, start, count in
                            multiply(
                                matrix.transposed,
                                MatrixView(
                                    g + sample * outputChannels * points + start, rows: outputChannels,
                                    columns: count, stride: points),
                                into: result + sample * inputChannels * points + start, stride: points)
                        }
                    }
                }
            }
        }
    }

    /// The sum over samples and points of cotangent times input: in up to eight groups of blocks side by side, each
    /// to a sum of its own, and these added in order.
    func weightCotangent(input: Tensor, cotangent: Tensor) -> Tensor {
        let size = outputChannels * inputChannels
        return Tensor(shape: [outputChannels, inputChannels]) { result in
            input.withPointer { x in
                cotangent.withPointer { g in
                    if isMatrix {
                        multiply(
                            MatrixView(g, rows: batch, columns: outputChannels).transposed,
                            MatrixView(x, rows: batch, columns: inputChannels), into: result,
                            stride: inputChannels)
                        return
                    }
                    let pieces = batch * blocks
                    let work = Double(size) * Double(batch * points) / 50
                    let groups = max(1, min(8, pieces, Int(work / 20_000)))
                    let partial = Tensor(shape: [groups, size]) { partial in
                        concurrently(groups, isWorthwhile: work > 100_000) { group, _ in
                            let first = group * pieces / groups
                            let range = first..<(group + 1) * pieces / groups
                            let sum = partial + group * size
                            if range.isEmpty { sum.initialize(repeating: 0, count: size) }
                            forEachBlock(in: range) { sample, start, count in
                                let cotangent = MatrixView(
                                    g + sample * outputChannels * points + start, rows: outputChannels,
                                    columns: count, stride: points)
                                let input = MatrixView(
                                    x + sample * inputChannels * points + start, rows: inputChannels,
                                    columns: count, stride: points)
                                let isFirst = sample * blocks + start / blockLength == first
                                multiply(
                                    cotangent, input.transposed, into: sum, stride: inputChannels,
                                    adding: !isFirst)
                            }
                        }
                    }
                    partial.withPointer { partial in
                        let loops = vectorLoops
                        result.initialize(from: partial, count: size)
                        for group in 1..<max(1, groups) {
                            loops.pointee.add(result, result, partial + group * size, size)
                        }
                    }
                }
            }
        }
    }

    func biasCotangent(_ cotangent: Tensor) -> Tensor {
        cotangent.withShape([batch, outputChannels, points]).summed(toShape: [1, outputChannels, 1])
            .withShape([outputChannels])
    }
}
