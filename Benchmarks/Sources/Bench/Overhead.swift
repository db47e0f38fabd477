@_spi(Benchmarks) import Convolution
import Measurement

/// The times of one workload, and of the bare transforms in it.
struct Overhead: Encodable {
    /// One pass: the engine's, and FFTW's part of it alone.
    struct Pass: Encodable {
        let milliseconds: Double
        let bareMilliseconds: Double
        let workspaceByteCount: Int
    }

    let shape: String
    let boundary: Boundary
    let kernels: Workload.Kernels
    let forward: Pass
    let backward: Pass
    /// The engine's time over that of the bare transforms, both passes together; `nil` where there are none, as the
    /// engine sums short kernels directly.
    let ratio: Double?
    /// The largest distance of a round from the median of the engine's rounds, relative to it: how steady they were.
    let spread: Double

    /// Takes the times in turn, `rounds` times, and keeps the medians.
    ///
    /// - Throws: `ConvolutionError`
    init(_ workload: Workload, rounds: Int, rigour: Rigour) throws {
        let problem = try Problem(workload, rigour: rigour)
        let bareForward = try BareTransforms(problem.convolution, workload.pairing, isBackward: false)
        let bareBackward = try BareTransforms(problem.convolution, workload.pairing, isBackward: true)
        var times = Array(repeating: [Double](), count: 4)
        for _ in 0..<rounds {
            times[0].append(try milliseconds { try problem.computeOutput() })
            times[1].append(milliseconds { bareForward.execute() })
            times[2].append(try milliseconds { try problem.computeGradients() })
            times[3].append(milliseconds { bareBackward.execute() })
        }
        shape = workload.shape
        boundary = workload.boundary
        kernels = workload.kernels
        forward = Pass(
            milliseconds: median(times[0]), bareMilliseconds: median(times[1]),
            workspaceByteCount: bareForward.workspaceByteCount)
        backward = Pass(
            milliseconds: median(times[2]), bareMilliseconds: median(times[3]),
            workspaceByteCount: bareBackward.workspaceByteCount)
        let bare = forward.bareMilliseconds + backward.bareMilliseconds
        let whole = forward.milliseconds + backward.milliseconds
        // Where there are no transforms, what was timed is an empty call.
        ratio = bare > whole / 20 ? whole / bare : nil
        spread = relativeSpread(zip(times[0], times[2]).map { $0 + $1 })
    }
}

extension Overhead {
    /// The rows that are printed.
    static let table = Table([
        ("shape", 16), ("boundary", 9), ("kernels", 11), ("forward ms", -11), ("backward ms", -11),
        ("bare ms", -9),
        ("ratio", -9), ("workspace", -11), ("spread", -8),
    ])

    var cells: [String] {
        [
            shape, boundary.rawValue, kernels.rawValue, millisecondsText(forward.milliseconds),
            millisecondsText(backward.milliseconds),
            millisecondsText(forward.bareMilliseconds + backward.bareMilliseconds),
            ratio.map { decimal($0, places: 2) } ?? "direct",
            bytesText(max(forward.workspaceByteCount, backward.workspaceByteCount)), percentText(spread),
        ]
    }

    private func bytesText(_ count: Int) -> String {
        count < 1 << 20
            ? decimal(Double(count) / 0x1p10, places: 0) + " KiB"
            : decimal(Double(count) / 0x1p20, places: 1) + " MiB"
    }
}
