import CVectorLoops

/// What writing samples found.
public struct SampleLevels: Sendable, Equatable {
    /// The largest magnitude; integers reach from -1 to nearly 1.
    public private(set) var peak = 0.0
    /// The samples that integers do not reach, and were written as the nearest one that they do.
    public private(set) var clippedCount = 0
    /// Whether every sample is a finite number in the format that is written.
    private(set) var areFinite = true

    init() {}

    init(_ levels: vl_sample_levels) {
        peak = levels.peak
        clippedCount = levels.clipped_count
        areFinite = levels.are_finite != 0
    }

    mutating func add(_ other: SampleLevels) {
        peak = max(peak, other.peak)
        clippedCount += other.clippedCount
        areFinite = areFinite && other.areFinite
    }
}
