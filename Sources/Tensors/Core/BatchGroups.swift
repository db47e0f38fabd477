/// The groups of a batch's samples in which every sum over the batch is made.
///
/// A batch of B samples has G = min(8, B) groups; group g has the samples ⌊g B / G⌋ ..< ⌊(g + 1) B / G⌋. Within a group
/// the samples are added in order. The groups' sums are combined in a binary tree: neighboring pairs, then pairs of
/// pairs, and so on, where an odd one moves up unchanged.
///
/// Groups and tree follow from B alone. Whoever makes the sums of a subtree, be it a thread or a process, finds the same
/// bits as one that makes them all.
package struct BatchGroups: Sendable {
    /// The number of samples.
    package let sampleCount: Int
    /// The number of groups, 0 for a batch without samples.
    package let count: Int

    /// The groups of a batch with the given number of samples.
    package init(samples: Int) {
        sampleCount = samples
        count = min(Tuning.batchGroups, samples)
    }

    /// The number of samples of the largest group.
    package var largestSize: Int { count == 0 ? 0 : (sampleCount + count - 1) / count }

    /// The samples of a group.
    package subscript(group: Int) -> Range<Int> {
        group * sampleCount / count..<(group + 1) * sampleCount / count
    }

    /// The sum of `term` over all samples.
    package func sum(_ term: (_ sample: Int) -> Double) -> Double {
        withSums(width: 1, add: { sample, sums in sums[0] += term(sample) }, { $0[0] })
    }

    /// Makes several sums over the samples at once, and calls `body` with them.
    ///
    /// - Parameters:
    ///   - width: The number of sums.
    ///   - add: Adds a sample's terms to the sums of its group.
    package func withSums<Result>(
        width: Int, add: (_ sample: Int, _ sums: UnsafeMutablePointer<Double>) -> Void,
        _ body: (UnsafeMutablePointer<Double>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, count * width)) { memory in
            let sums = memory.baseAddress!
            self.sum(width: width, in: sums, add: add)
            return body(sums)
        }
    }

    /// Makes several sums as ``withSums(width:add:_:)`` does, in memory of max(1, `count`) times `width` numbers. They
    /// are the first `width` ones.
    func sum(
        width: Int, in sums: UnsafeMutablePointer<Double>,
        add: (_ sample: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) {
        sums.initialize(repeating: 0, count: max(1, count) * width)
        for group in 0..<count {
            for sample in self[group] { add(sample, sums + group * width) }
        }
        Self.combine(count) { target, source in
            let (target, source) = (sums + target * width, sums + source * width)
            for index in 0..<width { target[index] += source[index] }
        }
    }

    /// Combines the sums of `count` groups to that of the first, along the tree: `add` adds one group's to another's.
    package static func combine(_ count: Int, add: (_ target: Int, _ source: Int) -> Void) {
        var distance = 1
        while distance < count {
            for target in stride(from: 0, to: count - distance, by: 2 * distance) {
                add(target, target + distance)
            }
            distance *= 2
        }
    }
}
