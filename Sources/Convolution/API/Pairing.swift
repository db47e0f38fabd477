import Runtime

/// Which kernel is applied to which signals.
///
/// Signals, kernels and outputs are batches of rows in row-major order, `[batch, channels, ...extents]`.
public enum Pairing: Sendable, Hashable {
    /// One kernel a channel, for all samples: signal `[B, C, ...]`, kernel `[C, ...]`, output `[B, C, ...]`.
    case shared(batch: Int, channels: Int)
    /// One kernel a row: signal `[B, C, ...]`, kernel `[B, C, ...]`, output `[B, C, ...]`.
    case perSample(batch: Int, channels: Int)
    /// Every output channel is the sum over the input channels: signal `[B, I, ...]`, kernel `[O, I, ...]`, output
    /// `[B, O, ...]`. Rows are transformed whole, however short the kernels, and its workspace holds the spectra of all of them.
    case dense(batch: Int, inputs: Int, outputs: Int)

    /// The largest number of rows: it leaves room for arithmetic on row counts.
    static var largestRowCount: Int { Int.max / 64 }

    /// Traps unless all numbers are at least 0 and no count of rows exceeds ``largestRowCount``.
    func check() {
        let products =
            switch self {
            case .shared(let batch, let channels), .perSample(let batch, let channels): [(batch, channels)]
            case .dense(let batch, let inputs, let outputs):
                [(batch, inputs), (batch, outputs), (inputs, outputs)]
            }
        for (a, b) in products {
            require(a >= 0 && b >= 0, "expected a pairing of numbers of at least 0, got \(self)")
            let (rows, overflows) = a.multipliedReportingOverflow(by: b)
            require(
                !overflows && max(a, b, rows) <= Self.largestRowCount,
                "expected a pairing of at most \(Self.largestRowCount) rows, got \(self)")
        }
    }

    /// The numbers of samples and channels, where each row of output belongs to one row of signal.
    var batchAndChannels: (batch: Int, channels: Int)? {
        switch self {
        case .shared(let batch, let channels), .perSample(let batch, let channels): (batch, channels)
        case .dense: nil
        }
    }

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

    /// The row of the signals, and of the outputs, that is the n-th sample's among those that meet a kernel; not defined for
    /// ``dense(batch:inputs:outputs:)``.
    func row(ofSample sample: Int, kernel: Int) -> Int {
        switch self {
        case .shared(_, let channels): sample * channels + kernel
        case .perSample: kernel
        case .dense: fatalError("in a dense pairing a signal meets many kernels")
        }
    }
}
