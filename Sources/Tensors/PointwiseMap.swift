import CVectorKernels
import Convolution

/// What a pointwise map and its pullbacks compute, in pieces: samples, and blocks of points where there are many.
///
/// A weight is packed once for all pieces; points are packed once for all outputs, or for all inputs on the way back.
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
    /// Whether the products are so small that OpenBLAS makes them without packing, as it does up to a million
    /// multiplications.
    private let isSmall: Bool
    /// Points of a piece at most.
    private let pieceLength: Int
    /// Points that are packed at a time, about: with all channels they stay in a core's second cache.
    private static let blockLength = 128
    /// Channels that one product sums over at most: a strip of them stays in the first cache, nearly.
    private static let largestDepth = 384

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
        let widest = inputs.map(\.channels).max()!
        isSmall = points == 1 || outputChannels * widest * min(points, 2048) <= 1_000_000
        pieceLength = isSmall ? 2048 : 512
        outputShape = [batch, outputChannels] + first[2...]
    }

    /// With one point, or no spatial axes, samples are the rows of a matrix.
    var isMatrix: Bool { points == 1 }

    // MARK: - Pieces

    /// Some of a sample's points.
    struct Block {
        let sample: Int
        let points: Range<Int>

        /// Blocks of `length` points, and what remains.
        func cut(in length: Int) -> some Sequence<Block> {
            stride(from: points.lowerBound, to: points.upperBound, by: length).lazy.map {
                Block(sample: sample, points: $0..<min($0 + length, points.upperBound))
            }
        }
    }

    var blocksOfSample: Int { (points + pieceLength - 1) / pieceLength }

    func block(_ piece: Int) -> Block {
        let (sample, block) = piece.quotientAndRemainder(dividingBy: blocksOfSample)
        let start = block * pieceLength
        return Block(sample: sample, points: start..<min(start + pieceLength, points))
    }

    func inBlocks(_ body: (Block) -> Void) {
        inPieces(
            of: batch * blocksOfSample,
            scalarsEach: min(points, pieceLength) * max(inputChannels, outputChannels),
            nanoseconds: Double(min(inputChannels, outputChannels)) / 50 + 0.5
        ) {
            for piece in $0 { body(block(piece)) }
        }
    }

    /// Channels in parts over which one product sums; at least one part.
    private func depths(_ channels: Int) -> [Range<Int>] {
        let parts = max(1, (channels + Self.largestDepth - 1) / Self.largestDepth)
        return (0..<parts).map { $0 * channels / parts..<($0 + 1) * channels / parts }
    }

    /// A block's points as a matrix with a row for each of `channels` channels.
    func rows(_ scalars: UnsafePointer<Float>, channels: Int, _ block: Block) -> MatrixView {
        MatrixView(
            scalars + block.sample * channels * points, rows: channels, columns: points
        ).storedColumns(block.points)
    }

    /// Where a block's points begin in a tensor of `channels` channels.
    func start(of block: Block, channels: Int) -> Int {
        block.sample * channels * points + block.points.lowerBound
    }

    /// The weight, or its cotangent.
    func matrix(_ weight: UnsafePointer<Float>) -> MatrixView {
        MatrixView(weight, rows: outputChannels, columns: inputChannels)
    }

    // MARK: - The map

    func apply(_ weight: Tensor, to tensors: [Tensor], bias: Tensor?) -> Tensor {
        if let bias {
            precondition(
                bias.shape == [outputChannels],
                "expected a bias of shape \([outputChannels]), got \(bias.shape)")
        }
        let offsets = bias?.scalars
        return Tensor(shape: outputShape) { result in
            weight.withPointer { weight in
                Tensor.withScalars(of: tensors) { tensors in
                    let tensors = tensors.map { $0.baseAddress! }
                    if isSmall {
                        applySmall(matrix(weight), to: tensors, offsets: offsets, into: result)
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
        let product = PackedProduct(rows: outputChannels, columns: points)
        let height = product.paddedRows(outputChannels)
        let length = product.wholeStrips(about: Self.blockLength)
        let parts = inputs.indices.flatMap { index in
            depths(inputs[index].channels).map { (input: index, channels: $0) }
        }
        withScratch(height * inputChannels, 0) { packed, _ in
            /// Where the weight of a part stands.
            func place(_ part: (input: Int, channels: Range<Int>)) -> Int {
                inputs[part.input].firstColumn + part.channels.lowerBound
            }
            for part in parts {
                let first = place(part)
                product.packLeft(
                    weight.storedColumns(first..<first + part.channels.count), into: packed + first * height)
            }
            inBlocks { piece in
                withScratch(length * Self.largestDepth, length * height) { strips, tiles in
                    for block in piece.cut(in: length) {
                        let output = rows(result, channels: outputChannels, block)
                        let operands = parts.map {
                            rows(tensors[$0.input], channels: inputs[$0.input].channels, block)
                                .storedRows($0.channels)
                        }
                        for (number, part) in parts.enumerated() {
                            product.packRight(operands[number], into: strips)
                            product.multiply(
                                packed + place(part) * height, rows: outputChannels, strips,
                                columns: block.points.count, depth: part.channels.count, into: tiles,
                                adding: number > 0,
                                next: number + 1 < parts.count ? operands[number + 1] : output)
                        }
                        product.unpack(
                            tiles, rows: outputChannels, columns: block.points.count,
                            into: result + start(of: block, channels: outputChannels), stride: points,
                            offsets: offsets)
                    }
                }
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
                    if isSmall {
                        applyTransposedSmall(matrix(weight), to: cotangent, into: results)
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
        guard let widest = results.map(\.input.channels).max() else { return }
        let product = PackedProduct(rows: widest, columns: points)
        let length = product.wholeStrips(about: Self.blockLength)
        let depths = depths(outputChannels)
        /// Where an input's rows of the transposed weight begin.
        var starts = [0]
        for (input, _) in results { starts.append(starts.last! + product.paddedRows(input.channels)) }
        withScratch(starts.last! * outputChannels, 0) { packed, _ in
            for ((input, _), start) in zip(results, starts) {
                for depth in depths {
                    let part = weight.storedColumns(input.range).storedRows(depth)
                    product.packLeft(
                        part.transposed,
                        into: packed + start * outputChannels
                            + depth.lowerBound * product.paddedRows(input.channels))
                }
            }
            inBlocks { piece in
                withScratch(length * outputChannels, length * product.paddedRows(widest)) { strips, tiles in
                    for block in piece.cut(in: length) {
                        let width = product.paddedColumns(block.points.count)
                        let source = rows(cotangent, channels: outputChannels, block)
                        for depth in depths {
                            product.packRight(
                                source.storedRows(depth), into: strips + depth.lowerBound * width)
                        }
                        for ((input, result), start) in zip(results, starts) {
                            let output = rows(result, channels: input.channels, block)
                            for depth in depths {
                                product.multiply(
                                    packed + start * outputChannels
                                        + depth.lowerBound * product.paddedRows(input.channels),
                                    rows: input.channels, strips + depth.lowerBound * width,
                                    columns: block.points.count, depth: depth.count, into: tiles,
                                    adding: depth.lowerBound > 0,
                                    next: depth.lowerBound == 0 ? output : nil)
                            }
                            product.unpack(
                                tiles, rows: input.channels, columns: block.points.count,
                                into: result + self.start(of: block, channels: input.channels), stride: points
                            )
                        }
                    }
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
                    if isSmall {
                        sumSmallProducts(of: tensors, cotangent: g, into: result)
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

    /// Writes the cotangent of the weight, and answers the sums of the cotangent's rows, which are at hand.
    ///
    /// See ``sumInGroups(_:size:nanoseconds:_:)``.
    private func sumProducts(
        of tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>, wantsSums: Bool
    ) -> [Double]? {
        // Made transposed: there are more outputs than channels of one input, mostly, and so of them the columns.
        let widest = inputs.map(\.channels).max()!
        let product = PackedProduct(rows: widest, columns: outputChannels)
        let width = product.paddedColumns(outputChannels)
        /// Where the sums for an input begin.
        var starts = [0]
        for input in inputs { starts.append(starts.last! + product.paddedRows(input.channels) * width) }
        let size = starts.last!
        // In nanoseconds: products, and packing.
        let work =
            (Double(inputChannels * outputChannels) / 50 + 0.5 * Double(inputChannels + outputChannels))
            * Double(batch * points)
        let groups = groupCount(nanoseconds: work)
        var rowSums = [Double](repeating: 0, count: groups * outputChannels)
        withScratch(groups * size, 0) { sums, _ in
            rowSums.withUnsafeMutableBufferPointer { rowSums in
                nonisolated(unsafe) let rowSums = rowSums.baseAddress!  // Each group has sums of its own.
                sumInGroups(sums, size: size, nanoseconds: work) { group, pieces, sums in
                    withScratch(
                        min(points, pieceLength) * width, Self.blockLength * product.paddedRows(widest)
                    ) { packed, strips in
                        for piece in pieces {
                            let blocks = Array(block(piece).cut(in: Self.blockLength))
                            for (index, block) in blocks.enumerated() {
                                let source = rows(cotangent, channels: outputChannels, block)
                                product.packRight(
                                    source.transposed, into: packed + index * Self.blockLength * width)
                                if wantsSums { addRows(of: source, to: rowSums + group * outputChannels) }
                            }
                            let operands = zip(inputs, tensors).map { input, x in
                                blocks.map { rows(x, channels: input.channels, $0) }
                            }
                            for (index, input) in inputs.enumerated() {
                                for (number, block) in blocks.enumerated() {
                                    product.packLeft(operands[index][number], into: strips)
                                    product.multiply(
                                        strips, rows: input.channels,
                                        packed + number * Self.blockLength * width, columns: outputChannels,
                                        depth: block.points.count, into: sums + starts[index],
                                        adding: piece > pieces.lowerBound || number > 0,
                                        next: number + 1 < blocks.count
                                            ? operands[index][number + 1]
                                            : operands.dropFirst(index + 1).first?[0])
                                }
                            }
                        }
                    }
                }
            }
            for (input, start) in zip(inputs, starts) {
                inPieces(of: outputChannels, scalarsEach: input.channels, nanoseconds: 1) {
                    product.unpackTransposed(
                        sums + start, rows: input.channels, columns: $0, into: result + input.firstColumn,
                        stride: inputChannels)
                }
            }
        }
        guard wantsSums else { return nil }
        return (0..<outputChannels).map { channel in
            (0..<groups).reduce(0) { $0 + rowSums[$1 * outputChannels + channel] }
        }
    }

    /// How many groups of pieces work of so many nanoseconds is cut in.
    func groupCount(nanoseconds: Double) -> Int {
        max(1, min(8, batch * blocksOfSample, Int(nanoseconds / 20_000)))
    }

    /// Sums in groups of pieces side by side, each to `size` sums of its own, and adds these up in order, to the first.
    ///
    /// - Parameters:
    ///   - sums: memory for the sums of all groups.
    ///   - nanoseconds: what all of it takes.
    ///   - body: writes the sums of a group's pieces, of which there is at least one.
    func sumInGroups(
        _ sums: UnsafeMutablePointer<Float>, size: Int, nanoseconds: Double,
        _ body: (_ group: Int, _ pieces: Range<Int>, _ sums: UnsafeMutablePointer<Float>) -> Void
    ) {
        let groups = groupCount(nanoseconds: nanoseconds)
        let pieces = batch * blocksOfSample
        concurrently(groups, nanoseconds: nanoseconds) { group, _ in
            let pieces = group * pieces / groups..<(group + 1) * pieces / groups
            guard !pieces.isEmpty else { return (sums + group * size).initialize(repeating: 0, count: size) }
            body(group, pieces, sums + group * size)
        }
        inPieces(of: size, nanoseconds: 0.1 * Double(groups)) { range in
            let sum = sums + range.lowerBound
            for group in 1..<groups { vectorLoops.pointee.add(sum, sum, sum + group * size, range.count) }
        }
    }

    private func addRows(of matrix: MatrixView, to sums: UnsafeMutablePointer<Double>) {
        for row in 0..<matrix.rows {
            sums[row] += vectorLoops.pointee.sum(matrix.scalars + row * matrix.stride, matrix.columns)
        }
    }
}
