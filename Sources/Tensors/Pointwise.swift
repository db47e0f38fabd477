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
        Tensor.pointwise([self], weight: weight, bias: bias)
    }

    /// ``pointwise(weight:bias:)`` of the channels of several tensors, one tensor's behind the other's, without
    /// putting them together in memory. A tensor may occur more than once.
    ///
    /// - Parameters:
    ///   - inputs: Shapes [B, C, *S] that differ in C alone; at least one.
    ///   - weight: A matrix of shape [O, ΣC].
    ///   - bias: A vector of shape [O], or `nil` for none.
    public static func pointwise(_ inputs: [Tensor], weight: Tensor, bias: Tensor? = nil) -> Tensor {
        let map = PointwiseMap(inputShapes: inputs.map(\.shape), weightShape: weight.shape)
        if let bias {
            precondition(
                bias.shape == [map.outputChannels],
                "expected a bias of shape \([map.outputChannels]), got \(bias.shape)")
        }
        let result = map.apply(weight, to: inputs, bias: bias)
        let isRecorded = inputs.map(\.isRecorded)
        let keptInputs = weight.isRecorded ? inputs.map(\.detached) : nil
        let keptWeight = isRecorded.contains(true) ? weight.detached : nil
        let wantsBias = bias?.isRecorded ?? false
        return [result].recorded(from: inputs + [weight] + (bias.map { [$0] } ?? [])) { cotangents in
            let cotangent = cotangents[0]!
            let pulledBack =
                isRecorded.indices.map {
                    isRecorded[$0] ? map.applyTransposed(keptWeight!, to: cotangent, input: $0) : nil
                } + [keptInputs.map { map.weightCotangent(inputs: $0, cotangent: cotangent) }]
            guard bias != nil else { return pulledBack }
            return pulledBack + [wantsBias ? map.biasCotangent(cotangent) : nil]
        }[0]
    }
}

/// The pieces of a pointwise map: samples, and blocks of points where there are many.
private struct PointwiseMap {
    /// One input: its channels, which are as many columns of the weight from `firstColumn` on.
    private struct Columns {
        let firstColumn: Int
        let channels: Int
        let shape: [Int]
    }

    let outputChannels: Int
    private let inputs: [Columns]
    /// The channels of all inputs together.
    private let inputChannels: Int
    private let batch: Int
    private let points: Int
    private let outputShape: [Int]
    /// Points of one product at most.
    private let blockLength = 2048

    init(inputShapes: [[Int]], weightShape: [Int]) {
        precondition(!inputShapes.isEmpty, "expected at least one tensor to map, got none")
        let first = inputShapes[0]
        var inputs: [Columns] = []
        var channels = 0
        for shape in inputShapes {
            precondition(
                shape.count >= 2 && shape[0] == first[0] && shape[2...] == first[2...],
                "expected shapes [B, C, ...] that differ in C alone, got \(inputShapes)")
            inputs.append(Columns(firstColumn: channels, channels: shape[1], shape: shape))
            channels += shape[1]
        }
        precondition(
            weightShape.count == 2 && weightShape[1] == channels,
            "expected shapes [B, C, ...] and [O, C], got \(inputShapes) and \(weightShape)")
        self.inputs = inputs
        inputChannels = channels
        outputChannels = weightShape[0]
        batch = first[0]
        points = first[2...].reduce(1, *)
        outputShape = [batch, outputChannels] + first[2...]
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

    private func inBlocks(
        channels: Int, _ body: (_ sample: Int, _ start: Int, _ count: Int) -> Void
    ) {
        let length = min(points, blockLength)
        inPieces(
            of: batch * blocks, scalarsEach: length * max(channels, outputChannels),
            nanoseconds: Double(min(channels, outputChannels)) / 50 + 0.3
        ) {
            forEachBlock(in: $0, body)
        }
    }

    /// With one point, or no spatial axes, samples are the rows of a matrix: enough for cotangents.
    private var isMatrix: Bool { points == 1 }

    /// The columns of the weight, or of its cotangent, that belong to an input.
    private func matrix(_ weight: UnsafePointer<Float>, of input: Columns) -> MatrixView {
        MatrixView(
            weight + input.firstColumn, rows: outputChannels, columns: input.channels, stride: inputChannels)
    }

    /// Points of one sample as a matrix with a row for each of `channels`.
    private func rows(
        _ scalars: UnsafePointer<Float>, channels: Int, sample: Int, start: Int, count: Int
    ) -> MatrixView {
        MatrixView(
            scalars + sample * channels * points + start, rows: channels, columns: count, stride: points)
    }

    func apply(_ weight: Tensor, to tensors: [Tensor], bias: Tensor?) -> Tensor {
        let biasScalars = bias?.scalars
        return Tensor(shape: outputShape) { result in
            weight.withPointer { weight in
                Tensor.withScalars(of: tensors) { tensors in
                    // Sample by sample even where one product would do for all: what comes of a sample has the
                    // same bits in every batch.
                    inBlocks(channels: inputChannels) { sample, start, count in
                        let output = result + sample * outputChannels * points + start
                        for (channel, bias) in (biasScalars ?? []).enumerated() {
                            (output + channel * points).initialize(repeating: bias, count: count)
                        }
                        for (index, (input, x)) in zip(inputs, tensors).enumerated() {
                            multiply(
                                matrix(weight, of: input),
                                rows(
                                    x.baseAddress!, channels: input.channels, sample: sample, start: start,
                                    count: count),
                                into: output, stride: points, adding: index > 0 || biasScalars != nil)
                        }
                    }
                }
            }
        }
    }

    /// The cotangent of one of the inputs.
    func applyTransposed(_ weight: Tensor, to cotangent: Tensor, input index: Int) -> Tensor {
        let input = inputs[index]
        return Tensor(shape: input.shape) { result in
            weight.withPointer { weight in
                cotangent.withPointer { g in
                    let matrix = matrix(weight, of: input)
                    if isMatrix {
                        multiply(
                            MatrixView(g, rows: batch, columns: outputChannels), matrix, into: result,
                            stride: input.channels)
                    } else {
                        inBlocks(channels: input.channels) { sample, start, count in
                            multiply(
                                matrix.transposed,
                                rows(g, channels: outputChannels, sample: sample, start: start, count: count),
                                into: result + sample * input.channels * points + start, stride: points)
                        }
                    }
                }
            }
        }
    }

    /// The sum over samples and points of cotangent times input: in up to eight groups of blocks side by side, each
    /// to a sum of its own, and these added in order.
    func weightCotangent(inputs tensors: [Tensor], cotangent: Tensor) -> Tensor {
        let size = outputChannels * inputChannels
        return Tensor(shape: [outputChannels, inputChannels]) { result in
            Tensor.withScalars(of: tensors) { tensors in
                cotangent.withPointer { g in
                    if isMatrix {
                        let cotangents = MatrixView(g, rows: batch, columns: outputChannels).transposed
                        for (input, x) in zip(inputs, tensors) {
                            multiply(
                                cotangents,
                                MatrixView(x.baseAddress!, rows: batch, columns: input.channels),
                                into: result + input.firstColumn, stride: inputChannels)
                        }
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
                                let cotangent = rows(
                                    g, channels: outputChannels, sample: sample, start: start, count: count)
                                let isFirst = sample * blocks + start / blockLength == first
                                for (input, x) in zip(inputs, tensors) {
                                    let x = rows(
                                        x.baseAddress!, channels: input.channels, sample: sample,
                                        start: start, count: count)
                                    multiply(
                                        cotangent, x.transposed, into: sum + input.firstColumn,
                                        stride: inputChannels, adding: !isFirst)
                                }
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
