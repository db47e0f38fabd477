/// The groups of a batch's samples in which every sum over the batch is made.
///
/// A batch of B samples has G = min(8, B) groups; group g has the samples ⌊g B / G⌋ ..< ⌊(g + 1) B / G⌋. Within a group
/// the samples are added in order. The groups' sums are combined in a binary tree: neighboring pairs, then pairs of
/// pairs, and so on, where an odd one moves up unchanged.
///
/// Groups and tree follow from B alone. Whoever makes the sums of a subtree, be it a thread or a process, finds the same
/// bits as one that makes them all.
package struct BatchGroups: Sendable {
    /// The number of groups, 0 for a batch without samples.
    package let count: Int
    /// The samples and groups of the whole batch, of which these groups may be a part.
    private let whole: (samples: Int, groups: Int)
    /// The first of these groups in the whole batch, and the sample there that counts as the first.
    private let start: (group: Int, sample: Int)

    /// The groups of a batch with the given number of samples.
    package init(samples: Int) { self.init(samples: samples, count: min(Self.largestCount, samples)) }

    /// Samples in `count` groups, at most one for each sample.
    init(samples: Int, count: Int) {
        self.count = count
        whole = (samples, count)
        start = (0, 0)
    }

    /// The largest number of groups in which a sum over a batch is made; it decides about last bits. Eight keep as many
    /// threads and processes busy; in the sum of a weight's cotangent, each takes memory of the weight's size.
    package static let largestCount = 8

    private init(_ groups: Range<Int>, of whole: (samples: Int, groups: Int), firstSample: Int) {
        count = groups.count
        self.whole = whole
        start = (groups.lowerBound, firstSample)
    }

    /// The number of groups of the whole batch.
    package var wholeCount: Int { whole.groups }

    /// The number of samples of these groups.
    package var sampleCount: Int { count == 0 ? 0 : samples.count }

    /// The number of samples of the largest group of a batch.
    package var largestSize: Int { count == 0 ? 0 : (whole.samples + whole.groups - 1) / whole.groups }

    /// The samples of all groups.
    package var samples: Range<Int> { bound(0)..<end }

    /// The end of their samples.
    var end: Int { bound(count) }

    /// The samples of a group.
    package subscript(group: Int) -> Range<Int> { bound(group)..<bound(group + 1) }

    private func bound(_ group: Int) -> Int {
        (start.group + group) * whole.samples / whole.groups - start.sample
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
    package func sum(
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

// MARK: - Subtrees

extension BatchGroups {
    /// The largest subtrees that a range of groups is made of, in order: each begins at a multiple of its size, a power of
    /// two, or of what is left of it at the batch's end.
    package func trees(in range: Range<Int>) -> [Range<Int>] {
        var trees: [Range<Int>] = []
        var first = range.lowerBound
        while first < range.upperBound {
            var size = 1
            while size < count, first % (2 * size) == 0, min(first + 2 * size, count) <= range.upperBound {
                size *= 2
            }
            let end = min(first + size, count)
            trees.append(first..<end)
            first = end
        }
        return trees
    }

    /// The groups of a subtree, whose samples are counted from `firstSample` of the whole batch. Combined, as `count` groups
    /// of their own, they are that subtree.
    package func subtree(_ groups: Range<Int>, localTo firstSample: Int) -> BatchGroups {
        BatchGroups(groups, of: whole, firstSample: firstSample)
    }

    /// The groups of a subtree, with the samples' numbers as they are here.
    func subtree(_ groups: Range<Int>) -> BatchGroups {
        BatchGroups(
            start.group + groups.lowerBound..<start.group + groups.upperBound, of: whole,
            firstSample: start.sample)
    }

    /// Combines the sums of subtrees that together have all groups: the upper levels of the tree.
    ///
    /// - Parameters:
    ///   - trees: The number of each subtree by its first group.
    ///   - add: Adds the sums of one subtree to those of another.
    package func combineTrees(startingAt trees: [Int: Int], add: (_ target: Int, _ source: Int) -> Void) {
        Self.combine(count) { target, source in
            // A pair within a subtree is combined already: its source begins no subtree.
            if let source = trees[source] { add(trees[target]!, source) }
        }
    }
}

// MARK: - Sums in turn

extension BatchGroups {
    /// The sums that are kept at a time where the groups are summed in turn: of each level of the tree one at most.
    var sumsAtOnce: Int { Int.bitWidth - max(1, count).leadingZeroBitCount }

    /// Sums the groups one after the other, and combines two as soon as a pair is whole.
    ///
    /// - Parameters:
    ///   - size: The scalars of a sum.
    ///   - first: Memory of a sum; receives that of all groups.
    ///   - further: Memory of `sumsAtOnce` - 1 sums.
    ///   - add: Adds a group's terms to a sum, which is zero.
    func sumInTurn<Scalar: ConvolutionScalar>(
        size: Int, in first: UnsafeMutablePointer<Scalar>, further: UnsafeMutablePointer<Scalar>?,
        add: (_ group: Int, _ sum: UnsafeMutablePointer<Scalar>) -> Void
    ) {
        // The subtrees that are whole and not combined yet: as many as the number of groups done has ones.
        func sum(_ subtree: Int) -> UnsafeMutablePointer<Scalar> {
            subtree == 0 ? first : further! + (subtree - 1) * size
        }
        func combine(_ subtree: Int) {
            Scalar.vectorLoops.pointee.add_scaled(sum(subtree), 1, sum(subtree - 1), size)
        }
        if count == 0 { first.update(repeating: 0, count: size) }
        for group in 0..<count {
            let subtree = group.nonzeroBitCount
            sum(subtree).update(repeating: 0, count: size)
            add(group, sum(subtree))
            // A pair of each level that is whole now.
            for level in 0..<(~group).trailingZeroBitCount { combine(subtree - level) }
        }
        for subtree in stride(from: count.nonzeroBitCount - 1, to: 0, by: -1) { combine(subtree) }
    }
}
