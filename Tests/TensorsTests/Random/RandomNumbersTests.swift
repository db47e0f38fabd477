import Foundation
import TestSupport
import Testing

@testable import Tensors

struct RandomNumbersTests {
    /// The first numbers of the authors' C program from the state 1, 2, 3, 4.
    @Test func numbersAreThoseOfTheReference() {
        var numbers = RandomNumbers(state: [1, 2, 3, 4])
        let expected: [UInt64] = [
            41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205,
            9_973_669_472_204_895_162, 14_011_001_112_246_962_877, 12_406_186_145_184_390_807,
            15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
        ]
        #expect(expected.map { _ in numbers.next() } == expected)
    }

    /// The first numbers of SplitMix64 from 0.
    @Test func seedIsSpreadBySplitMix() throws {
        let expected = RandomNumbers(state: [
            0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC,
        ])
        #expect(RandomNumbers(seed: 0) == expected)
    }

    @Test func stateSurvivesEncoding() throws {
        var numbers = RandomNumbers(seed: .max)
        _ = numbers.normal()
        let decoded = try JSONDecoder().decode(RandomNumbers.self, from: JSONEncoder().encode(numbers))
        #expect(decoded == numbers)
        for bad in ["[0,0,0,0]", "[1,2,3]", "[]", "[1,2,3,-4]"] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(RandomNumbers.self, from: Data(bad.utf8))
            }
        }
    }

    @Test func uniform() {
        var numbers = seededNumbers()
        let count = 100_000
        let sample = (0..<count).map { _ in Double(numbers.uniform(in: -1..<3)) }
        #expect(sample.allSatisfy { $0 >= -1 && $0 < 3 })
        // The mean of n numbers of deviation 4 / √12, within five of its own deviations.
        #expect(abs(sample.reduce(0, +) / Double(count) - 1) < 5 * 4 / (12 * Double(count)).squareRoot())
        // A range of two neighboring numbers holds one.
        #expect(numbers.uniform(in: 1..<Float(1).nextUp) == 1)
    }

    @Test func normal() {
        var numbers = seededNumbers()
        let count = 100_000
        let sample = (0..<count).map { _ in Double(numbers.normal()) }
        func moment(_ power: Int) -> Double {
            sample.reduce(0) { $0 + pow($1, Double(power)) } / Double(count)
        }
        // The moments are 0, 1, 0, 3; the variances of their estimates (1, 2, 15, 96) / n.
        let unit = 5 / Double(count).squareRoot()
        #expect(abs(moment(1)) < unit)
        #expect(abs(moment(2) - 1) < unit * 2.0.squareRoot())
        #expect(abs(moment(3)) < unit * 15.0.squareRoot())
        #expect(abs(moment(4) - 3) < unit * 96.0.squareRoot())
    }

    @Test(arguments: [0.1, 0.5, 1, 2, 6, 30])
    func gamma(_ shape: Double) {
        var numbers = seededNumbers()
        let count = 100_000
        let sample = (0..<count).map { _ in numbers.gamma(shape: shape) }
        #expect(sample.allSatisfy { $0 >= 0 && $0.isFinite })
        let mean = sample.reduce(0, +) / Double(count)
        let variance = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        // Mean and variance are the shape k; the fourth central moment is 3k² + 6k, so the variance of the
        // estimated variance (2k² + 6k) / n.
        #expect(abs(mean - shape) < 5 * (shape / Double(count)).squareRoot())
        #expect(abs(variance - shape) < 5 * ((2 * shape * shape + 6 * shape) / Double(count)).squareRoot())
    }

    @Test func permutations() {
        var numbers = seededNumbers()
        #expect(numbers.permutation(of: 0) == [])
        #expect(numbers.permutation(of: 1) == [0])
        #expect(numbers.permutation(of: 1000).sorted() == Array(0..<1000))
        let count = 24_000
        var frequencies: [[Int]: Int] = [:]
        for _ in 0..<count { frequencies[numbers.permutation(of: 4), default: 0] += 1 }
        #expect(frequencies.count == 24)
        // χ² with 23 degrees of freedom: above 60 once in 25,000 seeds.
        let expected = Double(count) / 24
        #expect(frequencies.values.reduce(0) { $0 + pow(Double($1) - expected, 2) / expected } < 60)
    }
}
