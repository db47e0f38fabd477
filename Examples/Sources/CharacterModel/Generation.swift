import Tensors
import Terminator
import Training

/// A text that a network continues byte by byte.
struct Generation {
    /// The prompt and what follows.
    private(set) var text: [UInt8]
    private let trained: TrainedNetwork
    private let encoder: ByteEncoder
    private var stream: StreamingNetwork
    private var sampler: Sampler
    /// The logits of the next byte.
    private var logits: [Float]
    /// The last draws, the oldest first.
    private var draws: [Draw] = []
    private let keptCount: Int

    /// What one byte was drawn from.
    private struct Draw {
        let logits: [Float]
        let number: Double
    }

    /// The beginning of a text: the prompt is read at once.
    ///
    /// - Parameters:
    ///   - prompt: at least one byte.
    ///   - keptCount: of how many bytes the logits are kept for a comparison.
    init(of trained: TrainedNetwork, prompt: [UInt8], sampler: Sampler, kept keptCount: Int) throws {
        self.trained = trained
        self.sampler = sampler
        self.keptCount = keptCount
        encoder = ByteEncoder(trained.normalization)
        stream = try StreamingNetwork(trained.network)
        text = prompt
        logits = encoder.lastLogits(stream.push(encoder.inputs(prompt)))
    }

    /// Draws the next character: the bytes of a scalar of Unicode.
    mutating func nextCharacter() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.isEmpty || !UTF8Beginning.isWhole(bytes) {
            let draw = Draw(logits: logits, number: sampler.nextNumber())
            let byte = try sampler.byte(from: draw.logits, after: bytes, number: draw.number)
            if keptCount > 0 {
                if draws.count == keptCount { draws.removeFirst() }
                draws.append(draw)
            }
            bytes.append(byte)
            text.append(byte)
            logits = stream.step(encoder.input(byte))
        }
        return bytes
    }

    /// A comparison of the last bytes with those that come of reading the whole text for each.
    struct Comparison {
        /// The bytes that were read for the last one.
        let context: Int
        /// The mean time for a byte.
        let secondsPerByte: Double
        /// The largest difference of two logits, relative to the largest logit of the position.
        let difference: Double
        /// Whether the same bytes are drawn.
        let isSameText: Bool
    }

    /// Computes the last bytes again, each from the whole text before it.
    func comparison() throws -> Comparison {
        let network = trained.network
        func logits(after context: ArraySlice<UInt8>) -> [Float] {
            let input = encoder.inputs(Array(context))
            return encoder.lastLogits(network.logitsAtPositions(of: input.reshaped(to: [1] + input.shape)))
        }
        let first = text.count - draws.count
        // The first reading of a length plans its convolutions.
        _ = logits(after: text[..<first])
        var (difference, isSameText) = (0.0, true)
        var seconds = 0.0
        for (place, draw) in zip(first..., draws) {
            let begin = ContinuousClock.now
            let again = logits(after: text[..<place])
            seconds += (ContinuousClock.now - begin) / .seconds(1)
            let largest = again.reduce(0) { max($0, abs(Double($1))) }
            for (now, before) in zip(again, draw.logits) {
                difference = max(difference, abs(Double(now) - Double(before)) / largest)
            }
            let bytes = UTF8Beginning.unfinished(in: text[..<place])
            isSameText =
                try isSameText
                && sampler.byte(from: again, after: bytes, number: draw.number) == text[place]
        }
        return Comparison(
            context: text.count - 1, secondsPerByte: seconds / Double(draws.count), difference: difference,
            isSameText: isSameText)
    }
}

/// The inputs of a network for bytes.
private struct ByteEncoder {
    private let values: [(absent: Float, present: Float)]

    /// Channels normalized as in training.
    init(_ normalization: Normalization) {
        values = zip(normalization.means, normalization.deviations).map { ((0 - $0) / $1, (1 - $0) / $1) }
    }

    /// A sample of a stream.
    func input(_ byte: UInt8) -> [Float] {
        var input = values.map(\.absent)
        let (upper, lower) = TextBytes.channels(of: byte)
        for channel in [upper, lower] { input[channel] = values[channel].present }
        return input
    }

    /// `[32, n]` for n bytes.
    func inputs(_ bytes: [UInt8]) -> Tensor {
        let columns = bytes.map(input)
        return Tensor(
            shape: [values.count, bytes.count],
            scalars: values.indices.flatMap { channel in columns.map { $0[channel] } })
    }

    /// The logits of the last position of `[..., 256, n]`.
    func lastLogits(_ logits: Tensor) -> [Float] {
        let count = logits.shape[logits.rank - 1]
        return logits.slice(alongAxis: logits.rank - 1, count - 1..<count).scalars
    }
}
