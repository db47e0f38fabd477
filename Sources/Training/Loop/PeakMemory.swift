import Runtime

/// The peak resident memory of this process, in bytes.
public func peakMemory() -> Int { peakResidentMemory() }
