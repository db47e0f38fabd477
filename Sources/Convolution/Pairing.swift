/// Which kernel meets which signals.
///
/// Signals, kernels and outputs are batches of rows in row-major order, `[batch, channels, ...extents]`.
public enum Pairing: Sendable, Hashable {
    /// One kernel a channel, for all samples: signal `[B, C, ...]`, kernel `[C, ...]`, output `[B, C, ...]`.
    case shared(batch: Int, channels: Int)
    /// One kernel a row: signal `[B, C, ...]`, kernel `[B, C, ...]`, output `[B, C, ...]`.
    case perSample(batch: Int, channels: Int)
    /// Every output channel is the sum over the input channels: signal `[B, I, ...]`, kernel `[O, I, ...]`, output
    /// `[B, O, ...]`. Takes the spectra of all of them as workspace.
    case dense(batch: Int, inputs: Int, outputs: Int)

    /// The number of rows of signal.
    var signalCount: Int {
        switch self {
        case .shared(let batch, let channels), .perSample(let batch, let channels): batch * channels
        case .dense(let batch, let inputs, _): batch * inputs
        }
    }

    /// The number of rows of output.
    var outputCount: Int {
        switch self {
        case .shared, .perSample: signalCount
        case .dense(let batch, _, let outputs): batch * outputs
        }
    }

    /// The number of kernels.
    var kernelCount: Int {
        switch self {
        case .shared(_, let channels): channels
        case .perSample(let batch, let channels): batch * channels
        case .dense(_, let inputs, let outputs): inputs * outputs
        }
    }

    /// Of a pairing in which each signal meets one kernel: the signal, and the row in it, of the row with the given
    /// number among those of a kernel.
    func row(_ number: Int, ofKernel kernel: Int) -> (signal: Int, row: Int) {
        switch self {
        case .shared(let batch, let channels):
            let (signal, sample) = number.quotientAndRemainder(dividingBy: batch)
            return (signal, sample * channels + kernel)
        case .perSample: return (number, kernel)
        case .dense: fatalError("in a dense pairing a signal meets many kernels")
        }
    }
}
