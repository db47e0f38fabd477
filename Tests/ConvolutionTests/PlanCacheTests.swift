import Dispatch
import Foundation
import TestSupport
import Testing

@testable import Convolution

/// The cache of plans: bounded, the least recently used are dropped, safe for any number of threads.
///
/// Exact statistics want a process of one's own, in which no other test uses the cache.
@Suite struct PlanCacheTests {
    private static func plan(_ length: Int) throws {
        _ = try LongConvolution<Float>(length: length, kernelLength: length, boundary: .causal)
    }

    @Test func statistics() async {
        await #expect(processExitsWith: .success) {
            #expect(PlanCache.statistics == PlanCache.Statistics())
            for _ in 0..<3 { for length in 30..<40 { try Self.plan(length) } }
            #expect(
                PlanCache.statistics
                    == PlanCache.Statistics(count: 10, hits: 20, misses: 10, evictions: 0))

            // Whatever distinguishes a plan makes another one.
            _ = try LongConvolution<Double>(length: 30, kernelLength: 30, boundary: .causal)
            _ = try LongConvolution<Float>(length: 30, kernelLength: 29, boundary: .causal)
            _ = try LongConvolution<Float>(length: 30, kernelLength: 30, boundary: .centred)
            _ = try LongConvolution<Float>(
                length: 30, kernelLength: 30, boundary: .causal, orientation: .correlation)
            _ = try LongConvolution<Float>(length: 30, kernelLength: 30, boundary: .causal, exactHead: 3)
            _ = try LongConvolution<Float>(
                height: 30, width: 30, kernelHeight: 30, kernelWidth: 30, boundary: .centred)
            #expect(PlanCache.statistics.misses == 16 && PlanCache.statistics.hits == 20)
            PlanCache.removeAll()
            #expect(PlanCache.statistics == PlanCache.Statistics())
        }
    }

    @Test func theLeastRecentlyUsedAreDropped() async {
        await #expect(processExitsWith: .success) {
            PlanCache.capacity = 3
            for length in [31, 32, 33] { try Self.plan(length) }
            try Self.plan(31)  // now 32 is the oldest
            try Self.plan(34)
            #expect(PlanCache.statistics.count == 3 && PlanCache.statistics.evictions == 1)
            let hits = PlanCache.statistics.hits
            for length in [31, 33, 34] { try Self.plan(length) }
            #expect(PlanCache.statistics.hits == hits + 3, "what was used lately is kept")
            try Self.plan(32)
            #expect(PlanCache.statistics.hits == hits + 3, "the oldest was dropped")

            PlanCache.capacity = 1
            #expect(PlanCache.statistics.count == 1)
            try Self.plan(32)
            #expect(PlanCache.statistics.hits == hits + 4, "the last one is kept")
            for length in 40..<60 { try Self.plan(length) }
            #expect(PlanCache.statistics.count == 1)
        }
    }

    /// Many threads, more shapes than the cache holds: results are right, and the cache keeps within its bounds.
    @Test func manyThreads() async {
        await #expect(processExitsWith: .success) {
            PlanCache.capacity = 5
            var generator = SplitMix64.announced(seed: 0xC1)
            let works = (1...16).map { number in
                let shape = Shape(
                    signal: [20 + 7 * number], kernel: [20 + 3 * number],
                    boundary: Boundary.allCases[number % 5])
                return (
                    shape, Batch(shape.directMap, .shared(batch: 2, channels: 1), using: &generator)
                )
            }
            DispatchQueue.concurrentPerform(iterations: 64) { thread in
                for step in 0..<16 {
                    let (shape, batch) = works[(thread * 5 + step * 3) % works.count]
                    let tolerance = transformTolerance(Double.self, points: shape.pointCount)
                    #expect(throws: Never.self) {
                        try batch.check(
                            shape.convolution() as LongConvolution<Double>, tolerance: tolerance, "\(shape)")
                    }
                    #expect(PlanCache.statistics.count <= 5)
                }
            }
            let statistics = PlanCache.statistics
            #expect(statistics.hits + statistics.misses == 64 * 16)
            // Every plan made was kept and dropped, or lost a race against the same plan.
            #expect(statistics.evictions <= statistics.misses && statistics.evictions > 0)
        }
    }

    /// A plan is found while others are destroyed, which waits for FFTW's planner, here for as long as the test holds
    /// it. The three ways in which plans are dropped.
    @Test(arguments: 0..<3)
    func hitsDoNotWaitForDestruction(way: Int) async {
        await #expect(processExitsWith: .success) { [way] in
            PlanCache.capacity = 2
            try Self.plan(101)
            // A short kernel: its plan is none of FFTW's.
            func planSum(_ length: Int) throws {
                _ = try LongConvolution<Float>(length: length, kernelLength: 3, boundary: .causal)
            }
            try planSum(50)
            let isPlannerHeld = DispatchSemaphore(value: 0), mayPlannerGo = DispatchSemaphore(value: 0)
            let isFound = DispatchSemaphore(value: 0), isDropped = DispatchSemaphore(value: 0)
            func inBackground(_ body: @escaping @Sendable () throws -> Void) {
                Thread.detachNewThread { try! body() }
            }
            inBackground {
                PlannerLock.locked {
                    isPlannerHeld.signal()
                    mayPlannerGo.wait()
                }
            }
            isPlannerHeld.wait()
            inBackground {
                switch way {
                case 0: PlanCache.capacity = 1
                case 1: PlanCache.removeAll()
                default: _ = try LongConvolution<Float>(length: 60, kernelLength: 3, boundary: .causal)
                }
                isDropped.signal()
            }
            inBackground {
                func isDone() -> Bool {
                    let statistics = PlanCache.statistics
                    return way == 1 ? statistics.count == 0 : statistics.evictions == 1
                }
                while !isDone() { usleep(1000) }
                _ = try LongConvolution<Float>(length: 50, kernelLength: 3, boundary: .causal)
                isFound.signal()
            }
            // A hit that waits for the planner waits for this test: forever, if it were not for the limit.
            #expect(isFound.wait(timeout: .now() + 30) == .success)
            mayPlannerGo.signal()
            isDropped.wait()
        }
    }

    /// A plan that was dropped lives on in the convolutions that use it, and in the spectra they made.
    @Test func convolutionsOutliveEviction() async {
        await #expect(processExitsWith: .success) {
            var generator = SplitMix64.announced(seed: 0xC2)
            let shape = Shape(signal: [90], kernel: [80], boundary: .centred)
            let convolution: LongConvolution<Double> = try shape.convolution()
            let operands = try Operands<Double>(shape, .shared(batch: 2, channels: 2), using: &generator)
            let before = try operands.results(of: convolution)
            PlanCache.removeAll()
            #expect(try operands.results(of: convolution).hasSameBits(as: before))
            #expect(try operands.results(of: shape.convolution()).hasSameBits(as: before))
        }
    }
}
