/// The engine's tuning constants: costs, thresholds and block sizes, with what was measured.
///
/// Times are medians on one thread of an AMD EPYC (Zen 4), single precision, in nanoseconds; ratios hold elsewhere. How
/// they were measured stands in Docs/Decisions/0002 (transforms), 0003 (short kernels) and 0027 (threads). A wrong value
/// costs time and never changes which results are right.
enum CostModel {
    // MARK: Lengths

    /// The cost of a prime factor of a transform's length, relative to that of a factor 2.
    static let factorCosts: [(factor: Int, cost: Double)] = [(2, 1.0), (3, 1.9), (5, 3.4), (7, 5.6)]

    /// FFTW's transforms per element, by length: FFTW 3.3.10 with SSE2 and AVX, plans made by estimate, for which these
    /// lengths are the good ones.
    static let leaves: [(length: Int, nanoseconds: Double)] = [
        (16, 1.34), (20, 1.48), (24, 1.20), (28, 1.06), (36, 1.15), (40, 1.04), (48, 0.63), (64, 0.70),
        (80, 0.66),
        (96, 0.63), (112, 1.1), (120, 0.81), (128, 0.66), (144, 0.60), (160, 0.62), (192, 0.73), (200, 0.90),
        (240, 0.64), (256, 0.65), (320, 0.66), (384, 0.655), (400, 0.695), (512, 0.673), (640, 0.765),
        (1024, 0.717), (1280, 0.743), (2048, 0.795),
    ]

    /// The same for a length that is not in the list.
    static let unlistedLeaf = 2.5

    /// Below this length a leaf need not be in the list.
    static let shortestListedLeaf = 16

    /// A step of the engine's own, forward and back, per element.
    static func step(radix: Int) -> Double { radix == 4 ? 0.6 : 0.8 }

    /// Folding and unfolding (memory and arithmetic of the reals) per element, by the radix of the right-angle
    /// transform; radix 0 does not exist.
    static let foldByRadix: [Double] = [0, 0.26, 0.32, 0.39, 0.45, 0.51, 0.59, 0.66, 0.75]

    /// Above this length a row is considered in steps even where one leaf would do.
    static let longestRowInOneStep = 8192

    /// Transposing a block of columns for FFTW and back, per element.
    static let columnTranspose = 0.5

    /// Up to this length of a column FFTW's estimated plans are good for all lengths with small prime factors.
    static let longestUnsteppedColumn = 640

    // MARK: Residue lanes

    /// The nanoseconds of one vector of complex numbers in a step, forward or back, on a Zen 5.
    static func laneStep(radix: Int, vectorBytes: Int) -> Double {
        let cost =
            switch radix {
            case 2: 0.60
            case 3: 0.70
            case 4: 0.72
            case 5: 0.92
            case 7: 1.31
            case 16: 1.25
            default: 1.07
            }
        // Vectors of 128 bits are multiplied and added one after the other.
        return vectorBytes == 16 ? 1.2 * cost : cost
    }
    /// Folding and unfolding of a vector, which are a transform over the lanes and a transpose.
    static func laneFold(lanes: Int) -> Double {
        switch lanes {
        case 16: 5.6
        case 8: 3.7
        case 4: 2.9
        default: 2.5
        }
    }
    /// The most elements behind the last whole vector that are folded and unfolded one by one: more take as long as a vector.
    static func longestLaneRest(lanes: Int) -> Int { lanes / 8 }
    /// Folding and unfolding one of them.
    static func laneRest(lanes: Int) -> Double { 2 * Double(lanes) }
    /// Copying a vector of complex numbers from the rows of a plane to a column, and back.
    static let laneCopy = 1.0
    /// A vector of reals that goes through the staging area, both ways.
    static let stagedVector = 2.0
    /// Parts of at most this many vectors are transformed step by step: 256 pairs of 64 bytes are 32 KiB.
    static let cachedLaneLength = 256
    /// The elements s that share coarse twiddle factors: fine ones for 16 lanes take 8 KiB.
    static let laneTileWidth = 64
    /// The longest row in residue lanes, and the longest rows and columns of planes.
    static let longestLaneRow = 1 << 24
    static let longestPlaneLaneRow = 1 << 15
    /// From this length on the parts into which the first step cuts a row are transformed by several threads.
    static let shortestSplitLaneRow = 1 << 14
    /// The time of FFTW's transforms in the given precision, relative to `Float`.
    static func precisionFactor<Scalar: ConvolutionScalar>(_: Scalar.Type) -> Double {
        Scalar.precision == .single ? 1 : 2
    }

    // MARK: Which method

    /// Up to this many taps a row is convolved directly: the crossover forward and backward together.
    static let longestDirectRowKernel = 24
    /// The same for the taps of a plane.
    static let largestDirectPlaneKernel = 25

    /// The longest line as which a whole plane is transformed (Kronecker substitution).
    static let longestKroneckerLine = 8192
    /// Longer lines are considered for planes whose rows have at most this period, in reals.
    static let narrowPlaneWidth = 64
    static let longestNarrowPlaneLine = 1 << 20

    // MARK: Blocks

    /// Shorter rows are convolved as a whole, and smaller planes.
    static let shortestBlockedRow = 1024
    static let smallestBlockedPlane = 4096
    /// The complex numbers in a block, from what fills the lanes: the longest are for kernels of some ten thousand taps.
    static let blockedLineLengths = [
        32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072,
    ]
    /// The complex numbers in the blocks of a segment, at least, unless it has eight blocks.
    static let blockSegmentLength = 1 << 16
    /// What a block costs besides its transforms.
    static let costOfBlock = 60.0
    /// Blocks of that many complex numbers are chosen where their estimated time is below this part of that of whole rows:
    /// estimates are that uncertain, and a row has few long blocks, so that threads wait for each other.
    static func gainOfBlocks(length: Int) -> Double { length <= 8192 ? 0.85 : 0.8 }
    /// Copying an element of a plane to a tile and from it.
    static let costOfTiledElement = 0.2
    /// What transforms take whose spectra, of that many bytes, leave the nearer caches, relative to those that do not. Measured in
    /// Docs/Decisions/0065.
    static func memoryFactor(byteCount: Int) -> Double {
        switch byteCount {
        case ...(1 << 14): 1
        case ...(1 << 16): 1.1
        case ...(1 << 17): 1.25
        case ...(1 << 18): 1.4
        case ...(1 << 20): 1.5
        default: 2.2
        }
    }

    // MARK: Streaming

    /// The samples of a stream that are multiplied with the first taps one by one; a power of two.
    static let streamedBlock = 16
    /// The largest tile of a stream with a known kernel that is summed directly; a power of two.
    static let longestDirectTile = 64
    /// The smallest tile of a stream with arriving kernels that is transformed; a power of two.
    static let firstRelaxedTile = 64
    /// The first parts of a partitioned kernel are summed directly up to this length of a block.
    static let longestDirectPart = 128
    /// Parts of a partitioned kernel up to this length are transformed in four units of work; longer ones in small ones.
    static let longestWholePart = 2048
    /// The longest leaf of a transform in small units, and the elements s of a unit of folding.
    static let (longestPartLeaf, partitionFoldWidth) = (256, 128)
    /// The nanoseconds of an element in a fold or a step of a transform in units, in its leaves, both ways, in a product of
    /// spectra, and in a stage of a transform that is done stage by stage; those of a product in a direct sum.
    static let (partitionStep, partitionLeaf, partitionProduct) = (0.35, 1.4, 0.3)
    static let (partitionStage, partitionTerm) = (0.2, 0.02)
    /// The nanoseconds of a sample in the transforms of one level of a partition.
    static let partitionLevel = 2.5
    /// The nanoseconds of a sample of a stream beside its transforms.
    static let streamedSample = 10

    /// The shortest ring, in complex numbers, of the blocks in which signals of any length are convolved: shorter blocks are
    /// cut from a row by the plan itself.
    static let shortestOverlapSaveRing = 4096
    /// The complex numbers in rings of all rows from which on they are shorter than that.
    static let largestOverlapSaveBatch = 1 << 22

    // MARK: Cache

    /// The bytes of a block of columns: it, its spectrum and the kernel's share the first-level cache with twiddles.
    static let columnBlockBytes = 32768
    /// The complex numbers that a task of a plane's rows prepares, at least.
    static let planeTaskLength = 8192
    /// The elements s that a task of a long row folds, at least.
    static let foldTaskLength = 1024
    /// The width of the tiles in which a long row is stored: fine and coarse twiddle factors together fit into the
    /// first-level cache, or nearly.
    static func tileWidth(length: Int) -> Int { length <= 1 << 18 ? 128 : 512 }
    /// Rows that are a multiple of this many bytes apart compete for the same cache sets.
    static let cacheSetPeriod = 4096
    /// The frequencies whose products a dense pairing computes at a time: the spectra of all rows in that range stay in
    /// the cache.
    static let denseRange = 128
    /// Longer rows are not prefetched, in bytes: they would evict what the transforms work on. Measured in
    /// Docs/Decisions/0081.
    static let longestPrefetchedRow = 1 << 18
    /// Transforms of up to as many points prefetch before them alone: a row's few lines are no burst.
    static let longestTransformBetweenPrefetches = 256
    /// If more bytes are to be read for a row, what is prefetched goes to the second-level cache: what the transforms work on fills
    /// the first. Measured in Docs/Decisions/0081.
    static let mostReadsToFirstLevelCache = 8192
    /// The longest row that is prefetched for transforms on FFTW, in bytes: nothing is prefetched during them, so the lines
    /// come in bursts.
    static let longestRowPrefetchedInBursts = 8192

    // MARK: Threads

    /// From this many points on all threads work on one row: its spectra no longer fit into a core's cache.
    static let sharedRowLength = 1 << 17
    /// The tasks that a call is cut into, about: they occupy 16 threads well.
    static let tasksPerCall = 32
    /// The rows of a task, at least: each task transforms its kernel anew.
    static let rowsPerTask = 4

    /// The estimated time of a convolution of one row by spectra, from the points that FFTW transforms.
    static func spectralRow(points: Int) -> Int { 2 * points }
    /// The same by direct sums, from its products.
    static func directRow(products: Int) -> Int { products / 16 }
}
