import CVectorKernels
import Convolution
import Runtime

/// What a pointwise map and its pullbacks compute, in pieces: samples, and blocks of points where there are many.
///
/// A weight is cut in strips once for all pieces; channels are read where they stand.
struct PointwiseMap {
    /// One input: its channels, which are as many columns of the weight from `firstColumn` on.
    struct Columns {
        let firstColumn: Int
        let channels: Int
        let shape: [Int]

        var range: Range<Int> { firstColumn..<firstColumn + channels }
    }

    let outputChannels: Int
    let inputs: [Columns]
    /// The channels of all inputs together.
    let inputChannels: Int
    let batch: Int
    let points: Int
    private let outputShape: [Int]

    init(inputShapes: [[Int]], weightShape: [Int]) {
        require(!inputShapes.isEmpty, "expected at least one tensor to map, got none")
        let first = inputShapes[0]
        var inputs: [Columns] = []
        var channels = 0
        for shape in inputShapes {
            require(
                shape.count >= 2 && shape[0] == first[0] && shape[2...] == first[2...],
                "expected shapes [B, C, ...] that differ in C alone, got \(inputShapes)")
            inputs.append(Columns(firstColumn: channels, channels: shape[1], shape: shape))
            channels += shape[1]
        }
        require(
            weightShape.count == 2 && weightShape[1] == channels,
            "expected shapes [B, C, ...] and [O, C], got \(inputShapes) and \(weightShape)")
        self.inputs = inputs
        inputChannels = channels
        outputChannels = weightShape[0]
        batch = first[0]
        points = first[2...].reduce(1, *)
        outputShape = [batch, outputChannels] + first[2...]
    }

    /// With one point, or no spatial axes, samples are the rows of a matrix.
    private var isMatrix: Bool { points == 1 }

    private var widestInput: Int { inputs.map(\.channels).max()! }

    /// A tensor of `channels` channels as a matrix with a row for each sample, if there is one point.
    private func samples(_ scalars: UnsafePointer<Float>, channels: Int) -> MatrixView {
        MatrixView(scalars, rows: batch, columns: channels)
    }

    /// The weight as a matrix.
    private func matrix(_ weight: UnsafePointer<Float>) -> MatrixView {
        MatrixView(weight, rows: outputChannels, columns: inputChannels)
    }

    // MARK: - Pieces

    /// Some of a sample's points.
    private struct Block {
        let sample: Int
        let points: Range<Int>
    }

    /// All samples, each cut in as many blocks as it takes for so many channels of one to stay in a core's second cache.
    private struct Pieces {
        let count: Int
        private let blocksOfSample: Int
        private let points: Int

        init(batch: Int, points: Int, channels: Int) {
            let scalars = 160 << 10
            blocksOfSample = max(1, min(points, (points * channels + scalars - 1) / scalars))
            self.points = points
            count = batch * blocksOfSample
        }

        subscript(piece: Int) -> Block {
            let (sample, block) = piece.quotientAndRemainder(dividingBy: blocksOfSample)
            return Block(sample: sample, points: start(of: block)..<start(of: block + 1))
        }

        /// At multiples of 64 points, as the loops take that many at a time.
        private func start(of block: Int) -> Int {
            block == blocksOfSample ? points : block * points / blocksOfSample / 64 * 64
        }
    }

    private func inBlocks(_ body: (Block) -> Void) {
        let pieces = Pieces(batch: batch, points: points, channels: max(outputChannels, widestInput))
        let work =
            Double(inputChannels * outputChannels) / 50 + 0.5 * Double(max(inputChannels, outputChannels))
        parallelFor(pieces.count, nanoseconds: work * Double(batch * points)) { piece, _ in
            body(pieces[piece])
        }
    }

    /// A block's points as a matrix with a row for each of `channels` channels.
    private func rows(_ scalars: UnsafePointer<Float>, channels: Int, _ block: Block) -> MatrixView {
        MatrixView(scalars + block.sample * channels * points, rows: channels, columns: points)
            .columns(block.points)
    }

    /// Where a block's points begin in a tensor of `channels` channels.
    private func start(of block: Block, channels: Int) -> Int {
        block.sample * channels * points + block.points.lowerBound
    }

    // MARK: - The map

    func apply(_ weight: Tensor, to tensors: [Tensor], bias: Tensor?) -> Tensor {
        if let bias {
            require(
                bias.shape == [outputChannels],
                "expected a bias of shape \([outputChannels]), got \(bias.shape)")
        }
        let offsets = bias?.scalars
        return Tensor(shape: outputShape) { result in
            weight.withPointer { weight in
                Tensor.withScalars(of: tensors) { tensors in
                    let tensors = tensors.map { $0.baseAddress! }
                    if isMatrix {
                        applyToSamples(matrix(weight), tensors, offsets: offsets, into: result)
                    } else {
                        apply(matrix(weight), to: tensors, offsets: offsets, into: result)
                    }
                }
            }
        }
    }

    private func apply(
        _ weight: MatrixView, to tensors: [UnsafePointer<Float>], offsets: [Float]?,
        into result: UnsafeMutablePointer<Float>
    ) {
        withScratch(WeightStrips.scalarCount(rows: outputChannels, columns: inputChannels)) { memory in
            let strips = WeightStrips(weight, in: memory)
            inBlocks { block in
                let groups = zip(inputs, tensors).filter { $0.0.channels > 0 }.map {
                    rows($1, channels: $0.channels, block).rowGroup
                }
                strips.multiply(
                    groups, columns: block.points.count,
                    into: result + start(of: block, channels: outputChannels), stride: points,
                    offsets: offsets)
            }
        }
    }

    private func applyToSamples(
        _ weight: MatrixView, _ tensors: [UnsafePointer<Float>], offsets: [Float]?,
        into result: UnsafeMutablePointer<Float>
    ) {
        inPieces(of: batch, scalarsEach: outputChannels, nanoseconds: Double(inputChannels) / 50 + 0.2) {
            piece in
            for (index, (input, x)) in zip(inputs, tensors).enumerated() {
                multiply(
                    samples(x, channels: input.channels).rows(piece), byRowsOf: weight.columns(input.range),
                    into: result + piece.lowerBound * outputChannels, stride: outputChannels,
                    adding: index > 0)
            }
            guard let offsets else { return }
            for sample in piece {
                let row = result + sample * outputChannels
                vectorLoops.pointee.add(row, row, offsets, outputChannels)
            }
        }
    }

    // MARK: - Cotangents of the inputs

    /// The cotangents of the inputs of which they are wanted.
    func applyTransposed(_ weight: Tensor, to cotangent: Tensor, wanted: [Bool]) -> [Tensor?] {
        let indices = inputs.indices.filter { wanted[$0] }
        var results = [Tensor?](repeating: nil, count: inputs.count)
        let tensors = Tensor.tensors(shapes: indices.map { inputs[$0].shape }) { results in
            weight.withPointer { weight in
                cotangent.withPointer { cotangent in
                    let results = zip(indices, results).map { (inputs[$0], $1.baseAddress!) }
                    if isMatrix {
                        applyTransposedToSamples(matrix(weight), cotangent, into: results)
                    } else {
                        applyTransposed(matrix(weight), to: cotangent, into: results)
                    }
                }
            }
        }
        for (index, tensor) in zip(indices, tensors) { results[index] = tensor }
        return results
    }

    private func applyTransposed(
        _ weight: MatrixView, to cotangent: UnsafePointer<Float>,
        into results: [(input: Columns, scalars: UnsafeMutablePointer<Float>)]
    ) {
        /// Where the strips of an input's columns begin.
        var starts = [0]
        for (input, _) in results {
            starts.append(
                starts.last! + WeightStrips.scalarCount(rows: input.channels, columns: outputChannels))
        }
        withScratch(starts.last!) { memory in
            let strips = zip(results, starts).map {
                WeightStrips(weight.columns($0.input.range), isTransposed: true, in: memory + $1)
            }
            inBlocks { block in
                var group = rows(cotangent, channels: outputChannels, block).rowGroup
                for ((input, result), strips) in zip(results, strips) {
                    strips.multiply(
                        &group, columns: block.points.count,
                        into: result + start(of: block, channels: input.channels), stride: points)
                }
            }
        }
    }

    private func applyTransposedToSamples(
        _ weight: MatrixView, _ cotangent: UnsafePointer<Float>,
        into results: [(input: Columns, scalars: UnsafeMutablePointer<Float>)]
    ) {
        inPieces(of: batch, scalarsEach: inputChannels, nanoseconds: Double(outputChannels) / 50 + 0.2) {
            piece in
            withScratch(WeightStrips.scalarCount(rows: piece.count, columns: outputChannels)) { memory in
                let strips = WeightStrips(
                    samples(cotangent, channels: outputChannels).rows(piece), in: memory)
                for (input, result) in results {
                    var group = weight.columns(input.range).rowGroup
                    strips.multiply(
                        &group, columns: input.channels, into: result + piece.lowerBound * input.channels,
                        stride: input.channels)
                }
            }
        }
    }

    // MARK: - Cotangents of weight and bias

    /// The sums over samples and points of cotangent times input, and of the cotangent alone if they are wanted.
    func parameterCotangents(
        inputs tensors: [Tensor], cotangent: Tensor, wantsBias: Bool
    ) -> (weight: Tensor, bias: Tensor?) {
        var bias: Tensor?
        let weight = Tensor(shape: [outputChannels, inputChannels]) { result in
            Tensor.withScalars(of: tensors) { tensors in
                cotangent.withPointer { g in
                    let tensors = tensors.map { $0.baseAddress! }
                    if isMatrix {
                        sumSamples(tensors, cotangent: g, into: result)
                        bias = wantsBias ? biasCotangent(cotangent) : nil
                    } else {
                        let sums = sumProducts(of: tensors, cotangent: g, into: result, wantsSums: wantsBias)
                        bias = sums.map { Tensor(shape: [outputChannels], scalars: $0.map(Float.init)) }
                    }
                }
            }
        }
        return (weight, bias)
    }

    func biasCotangent(_ cotangent: Tensor) -> Tensor {
        cotangent.withShape([batch, outputChannels, points]).summed(toShape: [1, outputChannels, 1])
            .withShape([outputChannels])
    }

    private func sumSamples(
        _ tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>
    ) {
        inPieces(of: outputChannels, scalarsEach: inputChannels, nanoseconds: Double(batch) / 50 + 0.2) {
            piece in
            withScratch(WeightStrips.scalarCount(rows: piece.count, columns: batch)) { memory in
                let strips = WeightStrips(
                    samples(cotangent, channels: outputChannels).columns(piece), isTransposed: true,
                    in: memory)
                for (input, x) in zip(inputs, tensors) {
                    var group = samples(x, channels: input.channels).rowGroup
                    strips.multiply(
                        &group, columns: input.channels,
                        into: result + piece.lowerBound * inputChannels + input.firstColumn,
                        stride: inputChannels)
                }
            }
        }
    }

    /// Writes the cotangent of the weight, and answers the sums of the cotangent's rows, which are at hand.
    ///
    /// Pieces are added up in groups side by side, each to sums of its own; these are added in order.
    private func sumProducts(
        of tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>, wantsSums: Bool
    ) -> [Double]? {
        let size = outputChannels * inputChannels
        let pieces = Pieces(batch: batch, points: points, channels: widestInput)
        let work = Double(size) / 50 * Double(batch * points)
        let groups = isWorthSpreading(nanoseconds: work) ? max(1, min(8, pieces.count)) : 1
        var rowSums = [Double](repeating: 0, count: groups * outputChannels)
        withScratch(groups * size) { sums in
            rowSums.withUnsafeMutableBufferPointer { rowSums in
                nonisolated(unsafe) let rowSums = rowSums.baseAddress!  // Each group has sums of its own.
                parallelFor(groups, nanoseconds: work) { group, _ in
                    let range = group * pieces.count / groups..<(group + 1) * pieces.count / groups
                    let sums = sums + group * size
                    if range.isEmpty { sums.initialize(repeating: 0, count: size) }
                    for piece in range {
                        let rows = rows(cotangent, channels: outputChannels, pieces[piece])
                        for (input, x) in zip(inputs, tensors) {
                            multiply(
                                rows, byRowsOf: self.rows(x, channels: input.channels, pieces[piece]),
                                into: sums + input.firstColumn, stride: inputChannels,
                                adding: piece > range.lowerBound)
                        }
                        if wantsSums { add(rows, to: rowSums + group * outputChannels) }
                    }
                }
            }
            inPieces(of: size, nanoseconds: 0.1 * Double(groups)) { range in
                let total = result + range.lowerBound
                total.initialize(from: sums + range.lowerBound, count: range.count)
                for group in 1..<groups {
                    vectorLoops.pointee.add(total, total, sums + group * size + range.lowerBound, range.count)
                }
            }
        }
        guard wantsSums else { return nil }
        return (0..<outputChannels).map { channel in
            (0..<groups).reduce(0) { $0 + rowSums[$1 * outputChannels + channel] }
        }
    }

    private func add(_ matrix: MatrixView, to sums: UnsafeMutablePointer<Double>) {
        for row in 0..<matrix.rows {
            sums[row] += vectorLoops.pointee.sum(matrix.scalars + row * matrix.stride, matrix.columns)
        }
    }
}
