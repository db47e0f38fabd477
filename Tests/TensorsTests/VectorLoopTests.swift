import CVectorKernels
import Foundation
import Tensors
import TestSupport
import Testing

/// The loops with an order of their own - sums, correlations - for every instruction set of this machine and for
/// lengths around those of vectors.
struct VectorLoopTests {
    static let lengths = [1, 2, 7, 15, 16, 17, 31, 64, 100, 127, 129, 1000, 5000]

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), lengths)
    func sums(_ set: UInt32, _ count: Int) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        var numbers = seededNumbers()
        let (x, y) = (numbers.tensor([count]).scalars, numbers.tensor([count]).scalars)
        let products = zip(x, y).map { Double($0) * Double($1) }
        // Sums in double precision, in any order.
        let bound = Double(count) * Double.ulpOfOne
        func isClose(_ sum: Double, _ terms: [Double]) -> Bool {
            abs(sum - terms.reduce(0, +)) <= bound * terms.reduce(0) { $0 + abs($1) }
        }
        #expect(isClose(loops.sum(x, count), x.map(Double.init)))
        #expect(isClose(loops.dot(x, y, count), products))
        #expect(
            isClose(
                loops.squared_deviations(x, 0.5, count), x.map { (Double($0) - 0.5) * (Double($0) - 0.5) }))
        var accumulated = x.map(Double.init)
        loops.accumulate_products(&accumulated, x, y, count)
        #expect(
            zip(accumulated, zip(x, products)).allSatisfy {
                abs($0 - (Double($1.0) + $1.1)) <= 1e-15 * (1 + abs($0))
            })
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), lengths)
    func correlations(_ set: UInt32, _ count: Int) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        var numbers = seededNumbers()
        let offsets = [0, 1, 2, 9, 10, 11, 30, 31, 32, 40, 41, 42, 43, 50, 51]
        let weights = numbers.tensor([offsets.count]).scalars
        let slack = [Float](repeating: 0, count: vk_correlation_slack)
        let x = numbers.tensor([count + 51]).scalars + slack
        let g = numbers.tensor([count]).scalars + slack
        var result = g.map { _ in Float(0) }
        loops.correlate(&result, count, x, weights, offsets, offsets.count)
        let expected = (0..<count).map { i in
            zip(weights, offsets).reduce(0.0) { $0 + Double($1.0) * Double(x[i + $1.1]) }
        }
        let bound = floatEpsilon * Double(offsets.count)
        #expect(largestDifference(Array(result[..<count]), expected) <= bound * largestMagnitude(expected))

        var sums = [Double](repeating: 1, count: offsets.count)
        loops.correlate_weights(&sums, g, count, x, offsets, offsets.count)
        for (sum, offset) in zip(sums, offsets) {
            let terms = (0..<count).map { Double(g[$0]) * Double(x[$0 + offset]) }
            // Up to 256 terms and 16 lanes are added in single precision, each sum no larger than all magnitudes.
            let size = terms.reduce(0) { $0 + abs($1) }
            #expect(abs(sum - 1 - terms.reduce(0, +)) <= 20 * floatEpsilon * size)
        }
    }

    @Test(arguments: ElementaryFunctionTests.instructionSets.map(\.rawValue), [Double(1), 1e5, 1e8])
    func sumsOverPhases(_ set: UInt32, _ slope: Double) {
        let loops = vk_tensor_loops_for(vk_instruction_set(set)).pointee
        var numbers = seededNumbers()
        let count = 777
        let g = numbers.tensor([count]).scalars
        let coordinates = (0..<count).map { Double($0) / 388 - 1 }
        var sums = [Double](repeating: 0, count: 2)
        loops.sine_of_phases_sums(g, 0.25, slope, coordinates, count, &sums)
        let terms = zip(g, coordinates).map { Double($0) * cos(0.25 + slope * $1) }
        let size = terms.reduce(0) { $0 + abs($1) }
        let bound = (2 * floatEpsilon + slope * Double.ulpOfOne) * size
        #expect(abs(sums[0] - terms.reduce(0, +)) <= bound)
        #expect(abs(sums[1] - zip(terms, coordinates).reduce(0) { $0 + $1.0 * $1.1 }) <= bound)
    }
}
