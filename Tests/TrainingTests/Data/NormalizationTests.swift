import Tensors
import TestSupport
import Testing

@testable import Training

@Suite struct NormalizationTests {
    private func data(_ floats: [Float], channels: Int = 1) -> DataSet {
        DataSet(
            sampleShape: [channels, 5], scalars: .floats(floats), task: .number,
            targets: .numbers(Array(repeating: 0, count: floats.count / channels / 5)))
    }

    private func data(_ bytes: [UInt8]) -> DataSet {
        DataSet(
            sampleShape: [1, 5], bytes: bytes, labels: Array(repeating: 0, count: bytes.count / 5),
            classCount: 1)
    }

    /// 0.1 is no multiple of a power of two, so sums of its squares are rounded.
    @Test(arguments: [0.1, -3, 0, 1e-30, 1e30, 16_777_215, Float.greatestFiniteMagnitude])
    func aConstantChannelHasItsValueAndTheDeviationOne(value: Float) {
        let data = data(Array(repeating: value, count: 1000))
        let normalization = Normalization(of: data)
        #expect(normalization == Normalization(means: [value], deviations: [1]))
        for batch in Batches(of: data, normalization: normalization, batchSize: 64) {
            #expect(batch.inputs.scalars.allSatisfy { $0 == 0 })
        }
    }

    @Test func aConstantChannelOfBytes() {
        for byte in UInt8.min...UInt8.max {
            let normalization = Normalization(of: data(Array(repeating: byte, count: 35)))
            #expect(normalization == Normalization(means: [Float(Double(byte) / 255)], deviations: [1]))
        }
    }

    /// The mean lies between the two values, 0.125 from each; all steps are exact.
    @Test func aLargeMeanTakesNoDigitsFromTheDeviation() {
        let floats = (0..<1000).map { Float(1e6) + ($0 < 500 ? 0 : 0.25) }
        let expected = Normalization(means: [1e6 + 0.125], deviations: [0.125])
        #expect(Normalization(of: data(floats)) == expected)
    }

    /// Of n numbers all are c but one, c + d: the variance is d² (n - 1) / n².
    @Test func oneNumberApart() {
        let n = 100_000
        var (bytes, floats) = ([UInt8](repeating: 254, count: n), [Float](repeating: 1e7, count: n))
        (bytes[n / 3], floats[n / 3]) = (255, 1e7 + 1)
        let deviation = (Double(n - 1) / Double(n * n)).squareRoot()
        #expect(Normalization(of: data(bytes)).deviations == [Float(deviation / 255)])
        #expect(Normalization(of: data(floats)).deviations == [Float(deviation)])
    }

    /// Channels do not mix. Sums of 400 numbers in double precision, in any order: far below half an ε of the result.
    @Test func eachChannelHasItsOwnConstants() {
        var numbers = seededNumbers()
        let channels = 3
        let floats = numbers.tensor([80, channels, 5]).scalars
        let normalization = Normalization(of: data(floats, channels: channels))
        for channel in 0..<channels {
            let own = floats.indices.filter { $0 / 5 % channels == channel }.map { Double(floats[$0]) }
            let mean = own.reduce(0, +) / Double(own.count)
            let squares: [Double] = own.map { ($0 - mean) * ($0 - mean) }
            let deviation = (squares.reduce(0, +) / Double(own.count)).squareRoot()
            #expect(abs(Double(normalization.means[channel]) - mean) <= floatEpsilon * abs(mean) + 1e-15)
            #expect(abs(Double(normalization.deviations[channel]) - deviation) <= floatEpsilon * deviation)
        }
    }

    @Test func noSamplesAreLeftAsTheyAre() {
        let identity = Normalization(means: [0], deviations: [1])
        #expect(Normalization(of: data([Float]())) == identity)
        #expect(Normalization(of: data([UInt8]())) == identity)
    }
}
