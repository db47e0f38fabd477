@_spi(Benchmarks) import Convolution
import Measurement

/// What one shape takes by each kind of transforms, and by what the cost model chose.
///
/// The constants of the cost model come from such tables. For an instruction set below the processor's widest one the
/// program is run with `LONGCONV_INSTRUCTION_SET`.
struct ChoiceCost: Encodable {
    enum Precision: String, Encodable {
        case single, double
    }

    let precision: Precision
    let signal: [Int]
    /// The kind that the engine chose.
    let chosen: ComparedTransforms
    /// Nanoseconds a point of the signal, forward and backward together, as the engine chose: its own transforms also in
    /// narrower vectors than the widest.
    let engine: Double
    /// The same by FFTW's transforms.
    let fftw: Double
    /// The same by the engine's own in the widest vectors.
    let widestLanes: Double

    /// The time of what was chosen, relative to the fastest.
    var loss: Double { engine / min(engine, fftw, widestLanes) }
    /// Whether that is more than what times vary by.
    var isMarked: Bool { loss > 1.05 }

    /// Rows (causal) and planes (centred), with kernels of the same extents, from short to long.
    static let extents: [[Int]] =
        [
            32, 48, 64, 100, 128, 192, 256, 384, 512, 784, 1024, 1536, 2048, 3000, 4096, 6000, 8192, 12_000,
            16_384, 30_000, 65_536, 262_144,
        ].map { [$0] }
        + [8, 16, 28, 32, 48, 64, 96, 128, 192, 256, 512].map { [$0, $0] }

    /// A few of them.
    static let quickExtents = [[256], [1024], [32, 32]]

    /// The points of all signals together, about: enough that a call is long, few enough for the cache.
    private static let pointCount = 1 << 17

    /// Takes the times in turn, `rounds` times, and keeps the smallest.
    ///
    /// - Throws: `ConvolutionError`
    init<Scalar: ConvolutionScalar & BinaryFloatingPoint>(
        _ extents: [Int], _: Scalar.Type, rounds: Int, rigour: Rigour
    ) throws {
        func plan() throws -> LongConvolution<Scalar> {
            extents.count == 1
                ? try LongConvolution(
                    length: extents[0], kernelLength: extents[0], boundary: .causal, rigour: rigour)
                : try LongConvolution(
                    height: extents[0], width: extents[1], kernelHeight: extents[0],
                    kernelWidth: extents[1], boundary: .centred, rigour: rigour)
        }
        let plans = try [plan()] + ComparedTransforms.allCases.map { try $0.whilePlanning { try plan() } }
        let points = extents.reduce(1, *)
        let batch = max(1, Self.pointCount / points)
        let buffers = ChoiceBuffers<Scalar>(batch: batch, points: points)
        defer { buffers.deallocate() }
        var times = plans.map { _ in Double.infinity }
        for _ in 0..<rounds {
            for (number, plan) in plans.enumerated() {
                let time = try milliseconds(atLeast: .milliseconds(20)) { try buffers.compute(plan) }
                times[number] = min(times[number], time * 1e6 / Double(batch * points))
            }
        }
        precision = Scalar.self == Float.self ? .single : .double
        signal = extents
        chosen = plans[0].transforms!
        (engine, fftw, widestLanes) = (times[0], times[1], times[2])
    }

    /// What a run says about the choices.
    static func summary(_ results: [ChoiceCost]) -> String {
        let marked = results.filter(\.isMarked)
        let worst = decimal(results.map(\.loss).max() ?? 1, places: 2)
        return
            "Something else is faster for \(marked.count) of \(results.count) shapes; the chosen takes \(worst) times its time at most."
    }
}

/// The operands and results of rows that all have kernels of their own.
private struct ChoiceBuffers<Scalar: ConvolutionScalar & BinaryFloatingPoint> {
    private let batch: Int
    private let signal, kernel, upstream, output, signalGradient,
        kernelGradient: UnsafeMutableBufferPointer<Scalar>

    init(batch: Int, points: Int) {
        self.batch = batch
        var noise = Noise()
        func buffer() -> UnsafeMutableBufferPointer<Scalar> {
            let buffer = UnsafeMutableBufferPointer<Scalar>.allocate(capacity: batch * points)
            for index in buffer.indices { buffer.initializeElement(at: index, to: Scalar(noise.next())) }
            return buffer
        }
        (signal, kernel, upstream) = (buffer(), buffer(), buffer())
        (output, signalGradient, kernelGradient) = (buffer(), buffer(), buffer())
    }

    func deallocate() {
        for buffer in [signal, kernel, upstream, output, signalGradient, kernelGradient] {
            buffer.deallocate()
        }
    }

    /// The output and both gradients.
    func compute(_ plan: LongConvolution<Scalar>) throws {
        let pairing = Pairing.perSample(batch: batch, channels: 1)
        let (signal, kernel) = (UnsafeBufferPointer(signal), UnsafeBufferPointer(kernel))
        try plan.apply(signal, kernel: kernel, pairing, into: output)
        try plan.gradients(
            signal, kernel: kernel, pairing, upstream: UnsafeBufferPointer(upstream),
            signalGradient: signalGradient, kernelGradient: kernelGradient)
    }
}

extension ChoiceCost {
    /// The rows that are printed.
    static let table = Table([
        ("precision", 9), ("signal", 9), ("chosen", 6), ("ns", -7), ("FFTW", -7), ("widest lanes", -12),
        ("loss", -5), ("", 2),
    ])

    var cells: [String] {
        [precision.rawValue, signal.map(String.init).joined(separator: "x"), chosen.rawValue]
            + [engine, fftw, widestLanes, loss].map { decimal($0, places: 2) } + [isMarked ? "<<" : ""]
    }

}
