import CVectorLoops
import Runtime

extension Tensor {
    /// The same scalars in another shape with as many of them.
    ///
    /// - Complexity: O(1); the memory is shared.
    public func reshaped(to newShape: [Int]) -> Tensor {
        require(
            newShape.reduce(1, *) == count,
            "expected a shape of \(count) scalars, as \(shape) has, got \(newShape)")
        return withShape(newShape).recorded(from: self) { [shape] in [$0.withShape(shape)] }
    }

    /// This tensor of shape [B, C, *S] as one sample of B · C channels, [1, B · C, *S], for operations on channels whose samples
    /// have parameters of their own; see ``asSamples(of:)``.
    ///
    /// - Complexity: O(1); the memory is shared.
    public func asOneSample() -> Tensor {
        let merged = [1, shape[0] * shape[1]] + shape.dropFirst(2)
        return distributed(in: nil).withShape(merged).recorded(from: self, keepsBatch: false) { [shape] in
            [$0.withShape(shape)]
        }
    }

    /// This tensor of shape [1, B · C, *S] as the samples [B, C, *S] of a batch that is distributed as that of `other` is.
    ///
    /// - Complexity: O(1); the memory is shared.
    public func asSamples(of other: Tensor) -> Tensor {
        let samples = [other.shape[0], shape[1] / other.shape[0]] + shape.dropFirst(2)
        return withShape(samples).distributed(in: other.partition).recorded(from: self) { [shape] in
            [$0.distributed(in: nil).withShape(shape)]
        }
    }

    /// The tensors concatenated along `axis`; their other extents are equal.
    ///
    /// - Complexity: O(*n*), where *n* is the number of scalars of the result.
    public static func concatenated(_ tensors: [Tensor], alongAxis axis: Int) -> Tensor {
        require(!tensors.isEmpty, "expected at least one tensor to concatenate, got none")
        let first = tensors[0].shape
        require(first.indices.contains(axis), "expected an axis below \(first.count), got \(axis)")
        var shape = first
        shape[axis] = 0
        for tensor in tensors {
            var other = tensor.shape
            require(other.indices.contains(axis), "expected \(first.count) axes, got \(other.count)")
            shape[axis] += other[axis]
            other[axis] = first[axis]
            require(
                other == first, "expected the shape \(first) up to axis \(axis), got \(tensor.shape)")
        }
        expectWholeBatch(tensors, alongAxis: axis)
        let extents = tensors.map { $0.shape[axis] }
        let result = Tensor(shape: shape) { result in
            var start = 0
            for tensor in tensors {
                tensor.copyRuns(
                    of: tensor.runLength(fromAxis: axis), every: tensor.runLength(fromAxis: axis),
                    to: result + start, every: shape[axis...].reduce(1, *))
                start += tensor.runLength(fromAxis: axis)
            }
        }
        let isRecorded = tensors.map(\.isRecorded)
        return [result].recorded(from: tensors) { cotangents in
            var start = 0
            return zip(extents, isRecorded).map { extent, isRecorded in
                defer { start += extent }
                return isRecorded ? cotangents[0]!.slice(alongAxis: axis, start..<start + extent) : nil
            }
        }[0]
    }

    /// The part of the tensor whose index along `axis` lies in `range`.
    public func slice(alongAxis axis: Int, _ range: Range<Int>) -> Tensor {
        slices(alongAxis: axis, [range])[0]
    }

    /// The parts of the tensor whose indices along `axis` lie in `ranges`, which may overlap.
    ///
    /// Their cotangents are added in one tensor, where those of as many calls of ``slice(alongAxis:_:)`` would each be extended
    /// with zeros.
    ///
    /// - Complexity: O(*n*), where *n* is the number of scalars of the parts; backward also of this tensor.
    public func slices(alongAxis axis: Int, _ ranges: [Range<Int>]) -> [Tensor] {
        require(shape.indices.contains(axis), "expected an axis below \(rank), got \(axis)")
        for range in ranges {
            require(
                range.lowerBound >= 0 && range.upperBound <= shape[axis],
                "expected a range within 0..<\(shape[axis]), got \(range)")
        }
        Tensor.expectWholeBatch([self], alongAxis: axis)
        let inner = runLength(fromAxis: axis + 1)
        let whole = runLength(fromAxis: axis)
        let parts = ranges.map { range in
            var part = shape
            part[axis] = range.count
            return Tensor(shape: part) { result in
                copyRuns(
                    of: range.count * inner, startingAt: range.lowerBound * inner, every: whole, to: result,
                    every: range.count * inner)
            }
        }
        return parts.recorded(from: [self]) { [shape] cotangents in
            var sum = Tensor(shape: shape, repeating: 0)
            sum.updateScalars { sum in
                for (range, cotangent) in zip(ranges, cotangents) {
                    cotangent?.addRuns(
                        of: range.count * inner, to: sum.baseAddress! + range.lowerBound * inner, every: whole
                    )
                }
            }
            return [sum]
        }
    }

    /// This tensor of shape [B, C, ...] tiled along axis 1 to `channels` channels, a multiple of C: channel *c* of the
    /// result is channel *c* mod C.
    public func tiled(toChannels channels: Int) -> Tensor {
        require(rank >= 2, "expected a shape [B, C, ...], got \(shape)")
        require(
            channels > 0 && channels % shape[1] == 0,
            "expected a multiple of \(shape[1]) channels to tile to, got \(channels)")
        let copies = channels / shape[1]
        guard copies > 1 else { return self }
        var newShape = shape
        newShape[1] = channels
        let sample = runLength(fromAxis: 1)
        let result = Tensor(shape: newShape) { result in
            for copy in 0..<copies {
                copyRuns(of: sample, every: sample, to: result + copy * sample, every: copies * sample)
            }
        }
        return result.recorded(from: self) { [shape] cotangent in
            let split = [shape[0], copies, sample]
            let sums = cotangent.withShape(split).summed(
                toShape: [shape[0], 1, sample], isPerSample: cotangent.partition != nil)
            return [sums.withShape(shape)]
        }
    }

    private static func expectWholeBatch(_ tensors: [Tensor], alongAxis axis: Int) {
        require(
            axis > 0 || tensors.allSatisfy { $0.partition == nil },
            "expected an axis that is not a batch distributed over processes, got axis 0")
    }

    /// The number of scalars from one index of the axis before `axis` to the next.
    private func runLength(fromAxis axis: Int) -> Int { shape[axis...].reduce(1, *) }

    /// Copies runs of `length` scalars, `step` apart from `start` on, to runs `targetStep` apart.
    private func copyRuns(
        of length: Int, startingAt start: Int = 0, every step: Int, to target: UnsafeMutablePointer<Float>,
        every targetStep: Int
    ) {
        guard step > 0, length > 0 else { return }
        withPointer { source in
            parallelRanges(of: count / step, scalarsPerIndex: length) { range in
                for run in range {
                    (target + run * targetStep).update(from: source + run * step + start, count: length)
                }
            }
        }
    }

    /// Adds this tensor's scalars in runs of `length`, one after the other, to runs `targetStep` apart.
    private func addRuns(of length: Int, to target: UnsafeMutablePointer<Float>, every targetStep: Int) {
        guard length > 0 else { return }
        let loops = vectorLoops
        withPointer { source in
            parallelRanges(of: count / length, scalarsPerIndex: length) { range in
                for run in range {
                    let sum = target + run * targetStep
                    loops.pointee.add(sum, sum, source + run * length, length)
                }
            }
        }
    }
}
