import Runtime
import Tensors

/// The copy memory task: ten symbols are to be said again after a delay.
///
/// A sequence has ten symbols out of eight, `delay` - 1 blanks, a delimiter and ten blanks; the answer is blank at each
/// position but the last ten, where it is the symbols. Whoever remembers nothing has one in eight of these right.
///
/// Source: S. Hochreiter and J. Schmidhuber, *Long Short-Term Memory*, Neural Computation 9(8), 1997, in the form of
/// M. Arjovsky et al., *Unitary Evolution Recurrent Neural Networks*, ICML 2016, section 5.1.
public enum CopyMemory {
    /// The number of symbols to remember.
    public static let symbolCount = 10
    /// The number of symbols to choose from; their classes are 1, 2, ...
    public static let alphabetSize = 8
    /// The class of a blank.
    public static let blank = 0
    /// The channels of an input: one for the blank, one for each symbol, one for the delimiter.
    public static let channelCount = alphabetSize + 2
    /// The number of classes: the blank and the symbols.
    public static let classCount = alphabetSize + 1

    /// The number of positions of a sequence.
    public static func length(delay: Int) -> Int { delay + 2 * symbolCount }
}

extension DataSet {
    /// Draws sequences of the ``CopyMemory`` task, `[10, delay + 20]`: each position has 1 in one channel and 0 in the
    /// others. Blanks do not count for the accuracy.
    ///
    /// - Parameters:
    ///   - count: the number of sequences.
    ///   - delay: how many positions lie between the end of the symbols and the first answer, at least 1.
    ///   - randomNumbers: where the symbols are drawn from.
    public init(copyMemory count: Int, delay: Int, using randomNumbers: inout RandomNumbers) {
        require(count >= 1 && delay >= 1, "expected sequences with a delay, got \(count) with \(delay)")
        let (length, channels) = (CopyMemory.length(delay: delay), CopyMemory.channelCount)
        var bytes = [UInt8](repeating: 0, count: count * channels * length)
        var labels = [Int](repeating: CopyMemory.blank, count: count * length)
        for sequence in 0..<count {
            var inputs = [Int](repeating: CopyMemory.blank, count: length)
            for place in 0..<CopyMemory.symbolCount {
                let symbol = Int.random(in: 1...CopyMemory.alphabetSize, using: &randomNumbers)
                inputs[place] = symbol
                labels[(sequence + 1) * length - CopyMemory.symbolCount + place] = symbol
            }
            inputs[length - CopyMemory.symbolCount - 1] = channels - 1
            for (place, channel) in inputs.enumerated() {
                bytes[(sequence * channels + channel) * length + place] = 255
            }
        }
        self.init(
            sampleShape: [channels, length], scalars: .bytes(bytes),
            question: .classes(
                count: CopyMemory.classCount,
                positions: LabeledPositions(count: length, background: CopyMemory.blank)),
            targets: .labels(labels))
    }
}
