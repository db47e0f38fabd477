import Runtime

/// The partition of a kernel by which a signal is convolved with it block by block: parts of growing length.
///
/// With blocks of N samples, level j has parts of S = 2^j N taps. Its first part begins at tap 2S - 2N: two parts on each
/// level before have N (2 + 4 + ... + 2^j) = 2S - 2N taps. A chunk of S samples that is complete at the end of block b, at time T, adds
/// to outputs from T - S + (2S - 2N) = T + S - 2N on, which is in block b + 2^j - 1. So the work on it may be spread over the
/// 2^j blocks from b to b + 2^j - 1, and the next chunk is complete one block later: each level has always one chunk at work. The p-th part behind the first is due p chunks later, so all parts of a level share one transform of the signal
/// and, added as spectra, one inverse.
///
/// Source: W. G. Gardner, "Efficient convolution without input-output delay", J. Audio Eng. Soc. 43 (1995); F. Wefers,
/// "Partitioned convolution algorithms for real-time auralization", thesis, RWTH Aachen (2014).
struct PartitionSchedule: Sendable, Equatable {
    struct Level: Sendable, Equatable {
        /// The taps of a part, S.
        let size: Int
        /// The number of parts.
        let parts: Int
        /// The first tap of the first part.
        let firstTap: Int

        /// Whether it is summed directly: the first level of short blocks.
        var isDirect: Bool { firstTap == 0 && size <= CostModel.longestDirectPart }
    }

    /// N.
    let blockLength: Int
    let levels: [Level]

    /// The cheapest partition of K taps: two parts on each level but the last, which has what is left.
    init(kernelLength: Int, blockLength: Int) {
        self.blockLength = blockLength
        var candidates: [[Level]] = []
        var lower: [Level] = []
        var size = blockLength
        while true {
            let firstTap = 2 * size - 2 * blockLength
            guard firstTap < kernelLength else { break }
            let parts = (kernelLength - firstTap + size - 1) / size
            candidates.append(lower + [Level(size: size, parts: parts, firstTap: firstTap)])
            lower.append(Level(size: size, parts: 2, firstTap: firstTap))
            size *= 2
        }
        levels = candidates.min { Self.cost($0) < Self.cost($1) }!
    }

    /// The nanoseconds of a sample.
    private static func cost(_ levels: [Level]) -> Double {
        levels.reduce(0) {
            $0
                + ($1.isDirect
                    ? Double($1.parts * $1.size) * CostModel.partitionTerm
                    : CostModel.partitionLevel + Double($1.parts) * CostModel.partitionProduct)
        }
    }

    /// The blocks after which the schedule repeats.
    var period: Int { levels.last!.size / blockLength }

    /// The samples that an output can depend on, and what is still at work on them: whole chunks of the last level.
    var historyLength: Int {
        // A chunk at work takes the spectra of `parts` windows of two chunks each, and the one before it is being returned.
        let longest = levels.map { ($0.parts + 3) * $0.size }.max()!
        let last = levels.last!.size
        return (longest + last - 1) / last * last
    }
}
