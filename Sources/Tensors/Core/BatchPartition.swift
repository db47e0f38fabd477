import Convolution
import Runtime

/// The processes that share a batch, and the one operation that they need: all-to-all, of bytes.
public protocol ProcessGroup: AnyObject, Sendable {
    /// The number of this process, from 0.
    var rank: Int { get }
    /// The number of processes.
    var size: Int { get }

    /// Sends `sent[p]` to each process p, and receives what each process p sends to this one in `received[p]`. All processes
    /// call it, in the same order.
    func exchange(_ sent: [UnsafeRawBufferPointer], into received: [UnsafeMutableRawBufferPointer])
}

/// The samples of a batch that this process has, where a batch is distributed over processes.
///
/// The batch of B samples is summed in G = min(8, B) groups, whatever the number of processes (`BatchGroups`). Of W = min(P, G)
/// processes, number w has the groups ⌊w G / W⌋ ..< ⌊(w + 1) G / W⌋; a process r ≥ W has the groups of process r mod W once
/// more, computes what that one computes, and contributes nothing.
///
/// A tensor [B, ...] of a distributed batch has the samples of its process alone, and refers to the partition
/// (``Tensor/distributed(in:)``). Operations pass it on to results with the same first axis. Where they sum over that axis,
/// forward or backward, they sum the groups of their process, exchange sums with the other processes, and continue the tree:
/// all processes get the bits that one with all samples gets.
public final class BatchPartition: Sendable {
    /// The number of samples in the whole batch.
    public let sampleCount: Int
    /// The samples of this process, among all.
    public let samples: Range<Int>
    let processes: any ProcessGroup
    /// The groups of the whole batch.
    let groups: BatchGroups
    /// The trees that each process sums by itself, in the order of processes.
    private let trees: [[Range<Int>]]
    /// The first of these trees' groups, and the number of its tree among all.
    private let treeOfGroup: [Int: Int]
    /// The groups of the trees of this process, also where it contributes nothing.
    private let ownTrees: [Range<Int>]
    private let firstOwnTree: Int

    /// The part of a batch of `sampleCount` samples that the process of this rank has.
    public init(of sampleCount: Int, over processes: any ProcessGroup) {
        require(sampleCount >= 1, "expected a batch of at least 1 sample, got \(sampleCount)")
        let groups = BatchGroups(samples: sampleCount)
        let workers = min(processes.size, groups.count)
        func owned(_ worker: Int) -> Range<Int> {
            worker * groups.count / workers..<(worker + 1) * groups.count / workers
        }
        self.sampleCount = sampleCount
        self.groups = groups
        self.processes = processes
        let trees = (0..<workers).map { groups.trees(in: owned($0)) }
        self.trees = trees + Array(repeating: [], count: processes.size - workers)
        let worker = processes.rank % workers
        ownTrees = trees[worker]
        firstOwnTree = trees[..<worker].reduce(0) { $0 + $1.count }
        treeOfGroup = Dictionary(
            uniqueKeysWithValues: trees.joined().enumerated().map { ($1.lowerBound, $0) })
        let own = owned(worker)
        samples = groups[own.lowerBound].lowerBound..<groups[own.upperBound - 1].upperBound
    }

    /// The number of processes that contribute sums.
    public var workerCount: Int { min(processes.size, groups.count) }
}

// MARK: - Sums

/// Memory of sums over a batch: single-precision and double-precision ones, which travel together.
struct BatchSums {
    let floats: UnsafeMutablePointer<Float>
    let doubles: UnsafeMutablePointer<Double>
}

extension BatchPartition {
    /// Makes sums over the whole batch: those of each tree of this process by `sumTree`, which gets the tree's groups and
    /// memory for all its sums, those of the other processes by their own calls.
    ///
    /// - Returns: What `body` makes of the sums.
    func withSums<Result>(
        floats floatCount: Int, doubles doubleCount: Int, _ sumTree: (BatchGroups, BatchSums) -> Void,
        _ body: (BatchSums) -> Result
    ) -> Result {
        let stride = floatCount * MemoryLayout<Float>.stride + doubleCount * MemoryLayout<Double>.stride
        // Doubles first: both are aligned wherever a tree's sums begin at a multiple of 8.
        let treeBytes = (stride + 7) / 8 * 8
        let treeCount = treeOfGroup.count
        let scratch = Storage(count: max(1, treeCount * treeBytes / MemoryLayout<Float>.stride))
        return withExtendedLifetime(scratch) {
            let memory = UnsafeMutableRawPointer(scratch.scalars.baseAddress!)
            func sums(_ tree: Int) -> BatchSums {
                let start = memory + tree * treeBytes
                let floats = start + doubleCount * MemoryLayout<Double>.stride
                return BatchSums(
                    floats: floats.bindMemory(to: Float.self, capacity: floatCount),
                    doubles: start.bindMemory(to: Double.self, capacity: doubleCount))
            }
            for (index, tree) in ownTrees.enumerated() {
                let own = groups.subtree(tree, localTo: samples.lowerBound)
                sumTree(own, sums(firstOwnTree + index))
            }
            var first = 0
            gather(
                trees.map { trees in
                    defer { first += trees.count }
                    return UnsafeMutableRawBufferPointer(
                        start: memory + first * treeBytes, count: trees.count * treeBytes)
                })
            groups.combineTrees(startingAt: treeOfGroup) { target, source in
                let (target, source) = (sums(target), sums(source))
                vectorLoops.pointee.add(target.floats, target.floats, source.floats, floatCount)
                for index in 0..<doubleCount { target.doubles[index] += source.doubles[index] }
            }
            return body(sums(0))
        }
    }
}

extension BatchPartition {
    /// The samples `[B, ...]` of the whole batch, from the parts of its processes.
    public func gathered(_ own: Tensor) -> Tensor {
        require(
            own.shape.first == samples.count,
            "expected \(samples.count) samples, got the shape \(own.shape)")
        let size = own.count / samples.count
        return Tensor(shape: [sampleCount] + own.shape.dropFirst()) { result in
            let memory = UnsafeMutableRawPointer(result)
            func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
                let bytes = size * MemoryLayout<Float>.stride
                return UnsafeMutableRawBufferPointer(
                    start: memory + range.lowerBound * bytes, count: range.count * bytes)
            }
            own.withPointer {
                (result + samples.lowerBound * size).update(from: $0, count: samples.count * size)
            }
            gather(
                trees.map { trees in
                    guard let first = trees.first, let last = trees.last else { return part(0..<0) }
                    return part(groups[first.lowerBound].lowerBound..<groups[last.upperBound - 1].upperBound)
                })
        }
    }

    /// Sends the process's own part of memory to all others, and receives their parts.
    private func gather(_ parts: [UnsafeMutableRawBufferPointer]) {
        guard processes.size > 1 else { return }
        let own = UnsafeRawBufferPointer(parts[processes.rank])
        let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        // The process's own part is in place already.
        processes.exchange(
            (0..<processes.size).map { $0 == processes.rank ? UnsafeRawBufferPointer(none) : own },
            into: parts.enumerated().map { $0 == processes.rank ? none : $1 })
    }
}

/// Sums over a batch of `samples` samples here, distributed as `partition` says: `sumTree` makes those of all groups of one
/// tree. Without a partition it makes them once.
func withBatchSums<Result>(
    samples: Int, in partition: BatchPartition?, doubles count: Int,
    _ sumTree: (_ groups: BatchGroups, _ sums: UnsafeMutablePointer<Double>) -> Void,
    _ body: (UnsafeMutablePointer<Double>) -> Result
) -> Result {
    if let partition {
        return partition.withSums(
            floats: 0, doubles: count, { sumTree($0, $1.doubles) }, { body($0.doubles) })
    }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, count)) { sums in
        sumTree(BatchGroups(samples: samples), sums.baseAddress!)
        return body(sums.baseAddress!)
    }
}

/// The sum of `term` over the samples of a batch, distributed as `partition` says.
func batchSum(samples: Int, in partition: BatchPartition?, _ term: (_ sample: Int) -> Double) -> Double {
    withBatchSums(samples: samples, in: partition, doubles: 1) { groups, sums in
        sums[0] = groups.sum(term)
    } _: {
        $0[0]
    }
}
