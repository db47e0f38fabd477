import Convolution

/// Maps of few channels, or of a single point: by OpenBLAS.
extension PointwiseMap {
    /// Sample by sample even where one product would do for all: what comes of a sample has the same bits in every
    /// batch.
    func applySmall(
        _ weight: MatrixView, to tensors: [UnsafePointer<Float>], offsets: [Float]?,
        into result: UnsafeMutablePointer<Float>
    ) {
        inBlocks { block in
            let output = result + start(of: block, channels: outputChannels)
            for (channel, offset) in (offsets ?? []).enumerated() {
                (output + channel * points).initialize(repeating: offset, count: block.points.count)
            }
            for (index, (input, x)) in zip(inputs, tensors).enumerated() {
                multiply(
                    weight.storedColumns(input.range), rows(x, channels: input.channels, block),
                    into: output, stride: points, adding: index > 0 || offsets != nil)
            }
        }
    }

    func applyTransposedSmall(
        _ weight: MatrixView, to cotangent: UnsafePointer<Float>,
        into results: [(input: Columns, scalars: UnsafeMutablePointer<Float>)]
    ) {
        for (input, result) in results {
            let columns = weight.storedColumns(input.range)
            guard !isMatrix else {
                let cotangents = MatrixView(cotangent, rows: batch, columns: outputChannels)
                multiply(cotangents, columns, into: result, stride: input.channels)
                continue
            }
            inBlocks { block in
                multiply(
                    columns.transposed, rows(cotangent, channels: outputChannels, block),
                    into: result + start(of: block, channels: input.channels), stride: points)
            }
        }
    }

    /// See ``sumInGroups(_:size:nanoseconds:_:)``.
    func sumSmallProducts(
        of tensors: [UnsafePointer<Float>], cotangent: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>
    ) {
        guard !isMatrix else {
            let cotangents = MatrixView(cotangent, rows: batch, columns: outputChannels).transposed
            for (input, x) in zip(inputs, tensors) {
                multiply(
                    cotangents, MatrixView(x, rows: batch, columns: input.channels),
                    into: result + input.firstColumn, stride: inputChannels)
            }
            return
        }
        let size = outputChannels * inputChannels
        let work = Double(size) * Double(batch * points) / 50
        withScratch(groupCount(nanoseconds: work) * size, 0) { sums, _ in
            sumInGroups(sums, size: size, nanoseconds: work) { _, pieces, sums in
                for piece in pieces {
                    let block = block(piece)
                    for (input, x) in zip(inputs, tensors) {
                        multiply(
                            rows(cotangent, channels: outputChannels, block),
                            rows(x, channels: input.channels, block).transposed,
                            into: sums + input.firstColumn, stride: inputChannels,
                            adding: piece > pieces.lowerBound)
                    }
                }
            }
            result.initialize(from: sums, count: size)
        }
    }
}
