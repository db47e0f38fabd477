import Convolution
import Tensors

// What the parts of a causal network need of a sequence's earlier samples: of those before the input's first one only
// a stream has any.
extension ForwardPass {
    /// The positions of an input `[B, C, n]` in its sequence.
    func positions(of input: Tensor) -> Range<Int> {
        let start = stream?.position ?? 0
        return start..<start + input.shape[input.rank - 1]
    }

    /// The taps of a kernel `[C, *S]` over the positions of an input: in causal forms one for each position, in the order of the
    /// lags, and zeros behind the last.
    func taps(_ kernel: Tensor, over input: Tensor) -> Tensor {
        form.isCausal ? kernel.samples(at: positions(of: input), holdsLast: false) : kernel
    }

    /// The samples `[..., *S]` of a function of the position over the positions of an input: in causal forms one for each
    /// position, and the last one for all behind it.
    func held(_ samples: Tensor, over input: Tensor) -> Tensor {
        form.isCausal ? samples.samples(at: positions(of: input), holdsLast: true) : samples
    }

    /// The extents on which functions of the position are sampled: those of the input, or in causal forms, where a shorter
    /// input is the beginning of a longer one, those that the network was made for.
    func sampledExtents(of input: Tensor, madeFor extents: [Int]) -> [Int] {
        form.isCausal ? extents : Array(input.shape.dropFirst(2))
    }

    /// Features `[B, C, n]` behind the `count` samples before them, `[B, C, count + n]`; before the first there are zeros.
    mutating func preceded(_ features: Tensor, by count: Int, named name: String) -> Tensor {
        guard count > 0 else { return features }
        let name = self.name(name)
        let before =
            stream?.recent[name]
            ?? Tensor(shape: [features.shape[0], features.shape[1], count], repeating: 0)
        let all = Tensor.concatenated([before, features], alongAxis: 2)
        if stream != nil {
            let end = all.shape[2]
            stream!.recent[name] = all.slice(alongAxis: 2, end - count..<end)
        }
        return all
    }

    /// The parts of an input `[B, C, n]` that have local kernels of their own in the form ``SequenceStatistics/prefix``: a part
    /// begins with each sample that makes the number of samples a power of two. The first part may have begun before.
    func segments(of input: Tensor) -> [Range<Int>] {
        let positions = positions(of: input)
        var starts = [0]
        var count = 1
        while count <= positions.upperBound {
            if count > positions.lowerBound + 1 { starts.append(count - 1 - positions.lowerBound) }
            count *= 2
        }
        return zip(starts, starts.dropFirst() + [positions.count]).map { $0..<$1 }
    }

    /// The kernels of ``segments(of:)``, one after the other along the channels' axis, from a mean `[B, C, 1]` of the samples up
    /// to the first of each. Each segment's are made by themselves: what is summed over the batch has the batch's groups.
    mutating func kernelsOfSegments(
        of features: Tensor, named name: String, _ make: (_ means: Tensor) -> Tensor
    ) -> Tensor {
        let means = prefixMeans(features, named: name)
        var starts = segments(of: features).map(\.lowerBound)
        var kernels: [Tensor] = []
        let name = self.name(name)
        let count = positions(of: features).lowerBound + 1
        if count & (count - 1) != 0, let kept = stream?.kernels[name] {
            starts.removeFirst()
            kernels.append(kept)
        }
        kernels += means.slices(alongAxis: 2, starts.map { $0..<$0 + 1 }).map(make)
        if stream != nil { stream!.kernels[name] = kernels.last }
        return kernels.count == 1 ? kernels[0] : .concatenated(kernels, alongAxis: 1)
    }

    /// The causal convolutions of features `[1, C, n]` with context-dependent kernels `[1, C, n]`, both continued; `nil` where no
    /// stream is.
    mutating func streamedConvolutions(_ features: [Tensor], contextKernel: Tensor) -> [Tensor]? {
        guard stream != nil else { return nil }
        let signals = Tensor.concatenated(features, alongAxis: 1)
        let kernels = Tensor.concatenated(features.map { _ in contextKernel }, alongAxis: 1)
        let name = self.name(Self.convolutionName)
        let outputs = Tensor(shape: signals.shape) { outputs in
            signals.withScalars { signals in
                kernels.withScalars { kernels in
                    stream!.convolutions[name]!.continue(signals, kernel: kernels, into: outputs)
                }
            }
        }
        let later = outputs.channelGroups(of: contextKernel.shape[1])
        guard form == .prefix, let head = exactHead(of: features, contextKernel: contextKernel) else {
            return later
        }
        let count = head[0].shape[2]
        guard count < outputs.shape[2] else { return head }
        return zip(head, later).map {
            .concatenated([$0, $1.slice(alongAxis: 2, count..<outputs.shape[2])], alongAxis: 2)
        }
    }

    /// The outputs of those convolutions that are among the first ``exactHead`` of the sequence, with the bits that they have in
    /// whole sequences; `nil` where there are none.
    private mutating func exactHead(of features: [Tensor], contextKernel: Tensor) -> [Tensor]? {
        let inside = positions(of: contextKernel).clamped(to: 0..<Self.exactHead)
        guard !inside.isEmpty else { return nil }
        let name = self.name("head")
        let arrived = Tensor.concatenated(features + [contextKernel], alongAxis: 1)
            .slice(alongAxis: 2, 0..<inside.count)
        let kept =
            stream!.recent[name]
            ?? Tensor(shape: [1, arrived.shape[1], Self.exactHead], repeating: 0)
        let parts = [
            kept.slice(alongAxis: 2, 0..<inside.lowerBound), arrived,
            kept.slice(alongAxis: 2, inside.upperBound..<Self.exactHead),
        ]
        let head = Tensor.concatenated(parts.filter { $0.count > 0 }, alongAxis: 2)
        stream!.recent[name] = head
        let rows = head.channelGroups(of: contextKernel.shape[1])
        let outputs = Tensor.longConvolution(
            rows.dropLast(), kernel: rows[features.count], boundary: .causal, exactHead: Self.exactHead)
        return outputs.map { $0.slice(alongAxis: 2, inside) }
    }

    /// The first outputs of a causal convolution that are computed as sums in the form ``SequenceStatistics/prefix``.
    ///
    /// Rounding in a transform is relative to the whole row, in a sum to its own terms. Statistics of few samples may have tiny
    /// variances, by whose roots rounding is divided: so the first positions have the same bits in a stream and in a batch.
    static let exactHead = 64

    /// The name of a block's stream of convolutions.
    static let convolutionName = "convolution"
}

extension StreamingContextConvolution<Float> {
    /// Takes samples and taps, many at the beginning at once.
    fileprivate mutating func `continue`(
        _ signal: UnsafeBufferPointer<Float>, kernel: UnsafeBufferPointer<Float>,
        into outputs: UnsafeMutableBufferPointer<Float>
    ) {
        guard position == 0, signal.count > channels else {
            return push(signal, kernel: kernel, into: outputs)
        }
        do {
            try prefill(signal, kernel: kernel, into: outputs)
        } catch {
            fatalError("expected memory for \(signal.count) samples of a stream, got: \(error)")
        }
    }
}

extension Tensor {
    /// The channels of `[B, n C, L]` in groups of C.
    fileprivate func channelGroups(of channels: Int) -> [Tensor] {
        slices(alongAxis: 1, stride(from: 0, to: shape[1], by: channels).map { $0..<$0 + channels })
    }

    /// The samples along the last axis in `range`, which may go beyond its end: zeros there, or the last sample.
    fileprivate func samples(at range: Range<Int>, holdsLast: Bool) -> Tensor {
        let (axis, extent) = (rank - 1, shape[rank - 1])
        let inside = range.clamped(to: 0..<extent)
        guard inside != 0..<extent || range != inside else { return self }
        var parts = inside.isEmpty ? [] : [slice(alongAxis: axis, inside)]
        let missing = range.count - inside.count
        if missing > 0 {
            let zeros = Tensor(shape: shape.dropLast() + [missing], repeating: 0)
            parts.append(holdsLast ? slice(alongAxis: axis, extent - 1..<extent) + zeros : zeros)
        }
        return parts.count == 1 ? parts[0] : .concatenated(parts, alongAxis: axis)
    }
}
