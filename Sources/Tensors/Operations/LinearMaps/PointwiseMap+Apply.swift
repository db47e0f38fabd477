import CVectorLoops
import Runtime

extension PointwiseMap {
    /// The map of the tensors: [B, O, *S].
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
                    // A single point is summed in the order of many: a stream has the bits of its sequence.
                    if outputShape.count == 2 {
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
        withScratch(WeightPanels.scalarCount(rows: outputChannels, columns: inputChannels)) { memory in
            let panels = WeightPanels(weight, in: memory)
            forEachTile { tile in
                let groups = zip(inputs, tensors).filter { $0.0.channels > 0 }.map {
                    rows($1, channels: $0.channels, tile).rowGroup
                }
                panels.multiply(
                    groups, columns: tile.points.count,
                    into: result + start(of: tile, channels: outputChannels), stride: points,
                    offsets: offsets)
            }
        }
    }

    private func applyToSamples(
        _ weight: MatrixView, _ tensors: [UnsafePointer<Float>], offsets: [Float]?,
        into result: UnsafeMutablePointer<Float>
    ) {
        let cost = Double(inputChannels) / Tuning.multiplyAddsPerNanosecond + Tuning.Nanoseconds.sum
        parallelRanges(of: batch, scalarsPerIndex: outputChannels, nanoseconds: cost) { range in
            for (index, (input, x)) in zip(inputs, tensors).enumerated() {
                multiply(
                    samples(x, channels: input.channels).rows(range), byRowsOf: weight.columns(input.columns),
                    into: result + range.lowerBound * outputChannels, stride: outputChannels,
                    adding: index > 0)
            }
            guard let offsets else { return }
            for sample in range {
                let row = result + sample * outputChannels
                vectorLoops.pointee.add(row, row, offsets, outputChannels)
            }
        }
    }
}
