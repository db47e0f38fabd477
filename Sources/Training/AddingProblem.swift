import Runtime
import Tensors

extension DataSet {
    /// Draws sequences of the adding problem: channel 0 has numbers uniform in 0 ..< 1, channel 1 marks two of them, one
    /// in each half, with a 1; the answer is the sum of the marked two.
    ///
    /// Whoever always says 1, the mean, has a mean squared error of 1/6.
    ///
    /// Source: S. Hochreiter and J. Schmidhuber, *Long Short-Term Memory*, Neural Computation 9(8), 1997, in the form of
    /// M. Arjovsky et al., *Unitary Evolution Recurrent Neural Networks*, ICML 2016, section 5.2.
    ///
    /// - Parameters:
    ///   - count: the number of sequences.
    ///   - length: the length of each, at least 2.
    ///   - randomNumbers: where the numbers and the marked places are drawn from.
    public init(addingProblem count: Int, length: Int, using randomNumbers: inout RandomNumbers) {
        require(
            count >= 1 && length >= 2, "expected sequences of at least 2 numbers, got \(count) of \(length)")
        var scalars = [Float](repeating: 0, count: count * 2 * length)
        var sums: [Float] = []
        for sequence in 0..<count {
            let numbers = sequence * 2 * length
            for place in 0..<length { scalars[numbers + place] = randomNumbers.uniform(in: 0..<1) }
            let marked = [0..<length / 2, length / 2..<length].map {
                Int.random(in: $0, using: &randomNumbers)
            }
            for place in marked { scalars[numbers + length + place] = 1 }
            sums.append(marked.reduce(0) { $0 + scalars[numbers + $1] })
        }
        self.init(
            sampleShape: [2, length], scalars: .floats(scalars), question: .number, targets: .numbers(sums))
    }
}
