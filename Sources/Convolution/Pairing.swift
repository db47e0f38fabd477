/// Which kernel meets which signals.
///
/// Signals and outputs are batches of rows in row-major order: `[batch, channels, ...extents]`.
public enum Pairing: Sendable, Hashable {
    /// One kernel a channel, for all samples: signal `[B, C, ...]`, kernel `[C, ...]`, output `[B, C, ...]`.
    case shared(batch: Int, channels: Int)
    /// One kernel a row: signal `[B, C, ...]`, kernel `[B, C, ...]`, output `[B, C, ...]`.
    case perSample(batch: Int, channels: Int)

    var batch: Int {
        switch self {
        case .shared(let batch, _), .perSample(let batch, _): batch
        }
    }

    var channels: Int {
        switch self {
        case .shared(_, let channels), .perSample(_, let channels): channels
        }
    }

    /// The number of rows of signal, and of output.
    var rowCount: Int { batch * channels }

    /// The number of kernels.
    var kernelCount: Int {
        switch self {
        case .shared: channels
        case .perSample: batch * channels
        }
    }
}

extension Pairing {
    /// The signal and the row in it of the row with the given number among those of a kernel.
    func row(_ number: Int, ofKernel kernel: Int) -> (signal: Int, row: Int) {
        switch self {
        case .shared:
            let (signal, sample) = number.quotientAndRemainder(dividingBy: batch)
            return (signal, sample * channels + kernel)
        case .perSample: return (number, kernel)
        }
    }
}
