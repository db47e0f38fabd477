extension PointwiseMap {
    /// The cotangents of the inputs, weightᵀ · cotangent; `nil` where one is not wanted.
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
        into results: [(input: Input, scalars: UnsafeMutablePointer<Float>)]
    ) {
        /// The offsets of the inputs' panels.
        var starts = [0]
        for (input, _) in results {
            starts.append(
                starts.last! + WeightPanels.scalarCount(rows: input.channels, columns: outputChannels))
        }
        withScratch(starts.last!) { memory in
            let panels = zip(results, starts).map {
                WeightPanels(weight.columns($0.input.columns), isTransposed: true, in: memory + $1)
            }
            forEachTile { tile in
                var group = rows(cotangent, channels: outputChannels, tile).rowGroup
                for ((input, result), panels) in zip(results, panels) {
                    panels.multiply(
                        &group, columns: tile.points.count,
                        into: result + start(of: tile, channels: input.channels), stride: points)
                }
            }
        }
    }

    private func applyTransposedToSamples(
        _ weight: MatrixView, _ cotangent: UnsafePointer<Float>,
        into results: [(input: Input, scalars: UnsafeMutablePointer<Float>)]
    ) {
        let cost = Double(outputChannels) / Tuning.multiplyAddsPerNanosecond + Tuning.Nanoseconds.sum
        parallelRanges(of: batch, scalarsPerIndex: inputChannels, nanoseconds: cost) { range in
            withScratch(WeightPanels.scalarCount(rows: range.count, columns: outputChannels)) { memory in
                let panels = WeightPanels(
                    samples(cotangent, channels: outputChannels).rows(range), in: memory)
                for (input, result) in results {
                    var group = weight.columns(input.columns).rowGroup
                    panels.multiply(
                        &group, columns: input.channels, into: result + range.lowerBound * input.channels,
                        stride: input.channels)
                }
            }
        }
    }
}
