import CVectorLoops
import Convolution
import TestSupport
import Testing

@testable import Tensors

/// Sums over a batch have the bits of `batchSum`, for any number of threads.
@Suite struct BatchGroupsTests {
    static let batches = [1, 2, 7, 8, 9, 16, 37]
    static let threads = [1, 2, 3, 8]
    /// Long enough for several threads; a sample's row is one call of a loop.
    static let (channels, length) = (3, 3000)

    /// A tensor [batch, channels, length], each scalar a cancelling term of its batch.
    private func tensor(batch: Int, channels: Int = channels, length: Int = length) -> Tensor {
        var numbers = seededNumbers(UInt64(batch))
        let size = channels * length
        var scalars = [Float](repeating: 0, count: batch * size)
        for column in 0..<size {
            for (sample, term) in cancellingTerms(batch, using: &numbers).enumerated() {
                scalars[sample * size + column] = term
            }
        }
        return Tensor(shape: [batch, channels, length], scalars: scalars)
    }

    private func onEachCountOfThreads(_ body: () -> Void) {
        for count in Self.threads { Threads.withCount(count, body) }
    }

    private func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars.map(\.bitPattern) }
    private func bits(_ scalars: [Float]) -> [UInt32] { scalars.map(\.bitPattern) }

    @Test(arguments: 0...100) func groupsPartitionTheBatch(samples: Int) {
        let groups = BatchGroups(samples: samples)
        #expect(groups.count == min(8, samples))
        #expect((0..<groups.count).flatMap { Array(groups[$0]) } == Array(0..<samples))
        let sizes = (0..<groups.count).map { groups[$0].count }
        #expect(sizes.allSatisfy { $0 >= 1 && $0 <= groups.largestSize })
        #expect((sizes.max() ?? 0) == groups.largestSize && (sizes.min() ?? 0) >= groups.largestSize - 1)
    }

    @Test(arguments: batches) func sumsFollowTheTree(batch: Int) {
        var numbers = seededNumbers()
        let terms = (0..<20).map { _ in cancellingTerms(batch, using: &numbers).map(Double.init) }
        let groups = BatchGroups(samples: batch)
        for terms in terms { #expect(groups.sum { terms[$0] } == batchSum(terms)) }
        let pair = groups.withSums(width: 2) { sample, sums in
            sums[0] += terms[0][sample]
            sums[1] += terms[1][sample]
        } _: {
            [$0[0], $0[1]]
        }
        #expect(pair == [batchSum(terms[0]), batchSum(terms[1])])
        // The terms are able to tell: added one after the other they have another sum.
        if batch > 8 { #expect(terms.contains { batchSum($0) != $0.reduce(0, +) }) }
    }

    @Test(arguments: batches) func sumsAndMeans(batch: Int) {
        let x = tensor(batch: batch)
        let (size, scalars) = (Self.channels * Self.length, x.scalars.map(Double.init))
        let sums = (0..<size).map { column in
            batchSum((0..<batch).map { scalars[$0 * size + column] })
        }
        /// The sums of parts of `length` scalars of each sample, from the given one on.
        func sum(from start: Int, _ length: Int) -> Double {
            x.withPointer { x in
                batchSum((0..<batch).map { vectorLoops.pointee.sum(x + $0 * size + start, length) })
            }
        }
        let rows = (0..<Self.channels).map { sum(from: $0 * Self.length, Self.length) }
        onEachCountOfThreads {
            #expect(bits(x.sum(overAxes: [0])) == bits(sums.map(Float.init)))
            #expect(bits(x.mean(overAxes: [0])) == bits(sums.map { Float($0 / Double(batch)) }))
            #expect(bits(x.sum(overAxes: [0, 2])) == bits(rows.map(Float.init)))
            #expect(bits(x.sum()) == bits([Float(sum(from: 0, size))]))
            #expect(bits(x.mean()) == bits([Float(sum(from: 0, size) / Double(batch * size))]))
        }
    }

    /// Samples of one scalar, and samples that are longer than a task.
    @Test(arguments: batches) func sumsOfShortAndLongSamples(batch: Int) {
        let short = tensor(batch: batch, channels: 1, length: 1)
        let length = 3 * Tuning.taskScalars + 5
        let long = tensor(batch: batch, channels: 1, length: length)
        let terms = long.withPointer { x in
            (0..<batch).map { sample in
                stride(from: 0, to: length, by: Tuning.taskScalars).reduce(0) { sum, start in
                    sum
                        + vectorLoops.pointee.sum(
                            x + sample * length + start, min(Tuning.taskScalars, length - start))
                }
            }
        }
        onEachCountOfThreads {
            #expect(bits(short.sum()) == bits([Float(batchSum(short.scalars.map(Double.init)))]))
            #expect(bits(long.sum()) == bits([Float(batchSum(terms))]))
        }
    }

    @Test(arguments: batches) func statisticsOfAStandardization(batch: Int) {
        let x = tensor(batch: batch)
        let total = Double(batch * Self.length)
        let units = StandardizationUnits(shape: x.shape, extent: .batch)
        let expected = x.withPointer { x in
            (0..<Self.channels).map { channel in
                let rows = (0..<batch).map { x + ($0 * Self.channels + channel) * Self.length }
                let mean = batchSum(rows.map { vectorLoops.pointee.sum($0, Self.length) }) / total
                let squares = rows.map { vectorLoops.pointee.squared_deviations($0, mean, Self.length) }
                return (mean: mean, variance: batchSum(squares) / total)
            }
        }
        onEachCountOfThreads {
            let statistics = units.statistics(of: x, epsilon: 1e-5)
            #expect(statistics.map(\.mean) == expected.map(\.mean))
            #expect(statistics.map(\.variance) == expected.map(\.variance))
        }
    }

    /// Where samples are standardized by themselves, the moments of channels are means over the batch.
    @Test(arguments: batches) func momentsOfChannels(batch: Int) {
        var numbers = seededNumbers()
        let terms = cancellingTerms(batch, using: &numbers).map(Double.init)
        let units = StandardizationUnits(shape: [batch, 1, 4], extent: .instance)
        let expected = bits([Float(batchSum(terms) / Double(batch))])
        let means = terms.map { StandardizationUnits.Statistics(mean: $0, variance: 0, scale: 1) }
        #expect(bits(units.channelMoments(means).mean) == expected)
        // Variances are not negative; these show the order.
        let variances = terms.map { StandardizationUnits.Statistics(mean: 0, variance: $0, scale: 1) }
        #expect(bits(units.channelMoments(variances).variance) == expected)
    }

    @Test(arguments: batches) func pullbacksOfAStandardization(batch: Int) {
        let cotangent = tensor(batch: batch)
        var numbers = seededNumbers()
        let x = numbers.tensor(cotangent.shape)
        let units = StandardizationUnits(shape: x.shape, extent: .batch)
        let statistics = units.statistics(of: x, epsilon: 1e-5)
        let y = x.standardized(over: .batch)
        let (length, loops) = (Self.length, vectorLoops)
        let total = Float(batch * length)
        var (expected, expectedGELU) = (
            Tensor(shape: x.shape, repeating: 0), Tensor(shape: x.shape, repeating: 0)
        )
        expected.updateScalars { expected in
            expectedGELU.updateScalars { expectedGELU in
                cotangent.withPointer { g in
                    x.withPointer { x in
                        y.withPointer { y in
                            for channel in 0..<Self.channels {
                                let rows = (0..<batch).map { ($0 * Self.channels + channel) * length }
                                let sum = batchSum(rows.map { loops.pointee.sum(g + $0, length) })
                                let product = batchSum(rows.map { loops.pointee.dot(g + $0, y + $0, length) })
                                let (mean, scale) = (statistics[channel].mean, statistics[channel].scale)
                                var (sums, products): ([Double], [Double]) = ([], [])
                                for row in rows {
                                    let result = expected.baseAddress! + row
                                    loops.pointee.standardization_pullback(
                                        result, y + row, g + row, 0, 1, Float(sum) / total,
                                        Float(product) / total, length)
                                    loops.pointee.multiply_scalar(result, result, scale, length)
                                    var own = [0.0, 0.0]
                                    loops.pointee.standardize_gelu_pullback(
                                        expectedGELU.baseAddress! + row, x + row, g + row, mean, scale,
                                        length,
                                        &own)
                                    sums.append(own[0])
                                    products.append(own[1])
                                }
                                for row in rows {
                                    let result = expectedGELU.baseAddress! + row
                                    loops.pointee.standardization_pullback(
                                        result, x + row, result, mean, scale, Float(batchSum(sums)) / total,
                                        Float(batchSum(products)) / total, length)
                                }
                            }
                        }
                    }
                }
            }
        }
        let samples = cotangent.withPointer { g in
            (0..<batch).map { sample in
                (0..<Self.channels).reduce(0) {
                    $0 + loops.pointee.sum(g + (sample * Self.channels + $1) * length, length)
                }
            }
        }
        onEachCountOfThreads {
            let plain = units.pullback(cotangent: cotangent, standardized: y, statistics)
            let gelu = units.geluPullback(cotangent: cotangent, input: x, statistics, factors: nil)
            #expect(bits(plain) == bits(expected))
            #expect(bits(gelu) == bits(expectedGELU))
            #expect(units.sum(of: cotangent, factors: nil) == Float(batchSum(samples)))
        }
    }
}
