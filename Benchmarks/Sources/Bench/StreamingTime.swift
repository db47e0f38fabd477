import ArgumentParser
@_spi(Benchmarks) import Convolution
import Measurement

/// The time of a streaming convolution of one channel in single precision on one thread, and that of the dot product
/// that a sample costs without a tiling.
struct StreamingTime: Encodable {
    /// How samples arrive.
    enum Form: String, Encodable, CaseIterable {
        /// One by one, with a known kernel.
        case sample
        /// In blocks of ``StreamingTime/blockLength``, with a known kernel.
        case block
        /// One by one, with a kernel that arrives with them.
        case context
    }

    /// The samples of a block.
    static let blockLength = 64

    let form: Form
    let kernelLength: Int
    /// The mean time of a sample: over whole periods of the tiling, of contexts over the second half of the kernel. Each slice
    /// of 512 samples has the median of its times.
    let nanosecondsPerSample: Double
    /// A dot product of `kernelLength` terms, warm.
    let naiveNanoseconds: Double
    let naiveGigaflops: Double
    /// The largest of the blocks' times: each place in the schedule's period has the median of its times.
    let worstBlockNanoseconds: Double?
    /// The median of the blocks' times.
    let medianBlockNanoseconds: Double?
    /// The longest time of any block, interruptions included.
    let longestBlockNanoseconds: Double?

    /// Takes the times.
    ///
    /// - Throws: `ConvolutionError`
    init(_ form: Form, kernelLength: Int, rounds: Int) throws {
        let operands = StreamOperands(kernelLength: kernelLength)
        self.form = form
        self.kernelLength = kernelLength
        naiveNanoseconds = operands.naiveNanoseconds(rounds: rounds)
        naiveGigaflops = 2 * Double(kernelLength) / naiveNanoseconds
        var blocks: BlockTimes?
        switch form {
        case .sample: nanosecondsPerSample = try operands.sampleNanoseconds(rounds: rounds)
        case .context: nanosecondsPerSample = try operands.contextNanoseconds(rounds: rounds)
        case .block:
            let times = try operands.blockTimes(periods: 21)
            nanosecondsPerSample = times.mean / Double(Self.blockLength)
            blocks = times
        }
        worstBlockNanoseconds = blocks?.worst
        medianBlockNanoseconds = blocks?.median
        longestBlockNanoseconds = blocks?.longest
    }

    /// What `make bench` measures.
    static let standard: [(form: Form, kernelLength: Int)] = [
        (.sample, 65_536), (.sample, 1_048_576), (.context, 65_536), (.block, 262_144),
    ]
    /// What `--quick` measures.
    static let quick: [(form: Form, kernelLength: Int)] = Form.allCases.map { ($0, 4096) }
    /// What `--streaming` measures: the growth of each form.
    static let growth: [(form: Form, kernelLength: Int)] = Form.allCases.flatMap { form in
        (8...20).map { (form, 1 << $0) }
    }
}

extension StreamingTime {
    /// A stream of the command line, FORM:TAPS.
    struct Choice: ExpressibleByArgument {
        let form: Form
        let kernelLength: Int

        init?(argument: String) {
            let words = argument.split(separator: ":")
            guard words.count == 2, let form = Form(rawValue: String(words[0])),
                let kernelLength = Int(words[1]),
                64...1 << 26 ~= kernelLength
            else { return nil }
            (self.form, self.kernelLength) = (form, kernelLength)
        }
    }

    /// The rows that are printed.
    static let table = Table([
        ("form", 9), ("taps", -9), ("ns a sample", -11), ("dot ns", -9), ("GFLOP/s", -9), ("ratio", -9),
        ("median ns", -9), ("worst ns", -9), ("max ns", -9),
    ])

    var cells: [String] {
        func figure(_ value: Double?) -> String { value.map { decimal($0, places: 0) } ?? "" }
        return [
            form.rawValue, "\(kernelLength)", decimal(nanosecondsPerSample, places: 1),
            decimal(naiveNanoseconds, places: 0), decimal(naiveGigaflops, places: 1),
            decimal(naiveNanoseconds / nanosecondsPerSample, places: 1), figure(medianBlockNanoseconds),
            figure(worstBlockNanoseconds), figure(longestBlockNanoseconds),
        ]
    }
}

/// The times of the blocks of a schedule, in nanoseconds.
private struct BlockTimes {
    let worst: Double
    let median: Double
    let mean: Double
    let longest: Double

    /// - Parameter times: For each place in the period, its times.
    init(_ times: [[Double]]) {
        let medians = times.map { Measurement.median($0) }
        worst = medians.max()!
        median = Measurement.median(medians)
        mean = medians.reduce(0, +) / Double(medians.count)
        longest = times.joined().max()!
    }
}

/// A kernel and a signal of noise, twice as long.
private final class StreamOperands {
    private let kernelLength: Int
    private let kernel: UnsafeMutableBufferPointer<Float>
    private let signal: UnsafeMutableBufferPointer<Float>
    private let output: UnsafeMutableBufferPointer<Float>

    init(kernelLength: Int) {
        self.kernelLength = kernelLength
        var noise = Noise()
        kernel = .allocate(kernelLength, filledBy: { noise.next() })
        signal = .allocate(2 * kernelLength, filledBy: { noise.next() })
        output = .allocate(2 * kernelLength, filledBy: { 0 })
    }

    deinit { for buffer in [kernel, signal, output] { buffer.deallocate() } }

    private func input(_ start: Int, count: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: signal.baseAddress! + start, count: count)
    }

    private func result(_ start: Int, count: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: output.baseAddress! + start, count: count)
    }

    /// The time of a dot product of the kernel with successive parts of the signal.
    func naiveNanoseconds(rounds: Int) -> Double {
        let count = max(4, min(kernelLength, 200_000 / kernelLength))
        let times = sliceTimes(1, rounds: 20 * rounds) { _ in
            for t in 0..<count {
                output[t] = DotProduct.of(
                    kernel.baseAddress!, signal.baseAddress! + t, count: kernelLength)
            }
        }
        return times[0] / Double(count)
    }

    /// As many samples as the kernel is long, whole periods of the tiling.
    func sampleNanoseconds(rounds: Int) throws -> Double {
        var stream = try Threads.withCount(1) {
            try StreamingConvolution(
                kernel: UnsafeBufferPointer(kernel), channels: 1, kernelLength: kernelLength)
        }
        let length = min(kernelLength, Self.sliceLength)
        let times = sliceTimes(kernelLength / length, rounds: rounds) { slice in
            for t in slice * length..<(slice + 1) * length {
                stream.push(input(t, count: 1), into: result(t, count: 1))
            }
        }
        return times.reduce(0, +) / Double(kernelLength)
    }

    /// The second half of the kernel, its completion included.
    func contextNanoseconds(rounds: Int) throws -> Double {
        var stream = try Threads.withCount(1) {
            try StreamingContextConvolution<Float>(channels: 1, kernelLength: kernelLength)
        }
        let length = min(kernelLength / 2, Self.sliceLength)
        let times = sliceTimes(kernelLength / length, rounds: rounds) {
            stream.reset()
        } of: { slice in
            for t in slice * length..<(slice + 1) * length {
                stream.push(
                    input(t, count: 1), kernel: UnsafeBufferPointer(rebasing: kernel[t..<t + 1]),
                    into: result(t, count: 1))
            }
        }
        return times[(times.count / 2)...].reduce(0, +) / Double(kernelLength / 2)
    }

    /// The samples of a slice: some ten microseconds of work, which is seldom interrupted.
    private static let sliceLength = 512

    /// The median times of the slices of a round, over the rounds after a first one; what each round begins with does not
    /// count.
    private func sliceTimes(
        _ count: Int, rounds: Int, preparedBy prepare: () -> Void = {}, of body: (_ slice: Int) -> Void
    ) -> [Double] {
        var times = Array(repeating: [Double](), count: count)
        for round in 0...rounds {
            prepare()
            for slice in 0..<count {
                let before = nanosecondsNow()
                body(slice)
                if round > 0 { times[slice].append(nanosecondsNow() - before) }
            }
        }
        return times.map { median($0) }
    }

    /// Each block of that number of periods of the schedule, after one that does not count.
    func blockTimes(periods: Int) throws -> BlockTimes {
        let length = StreamingTime.blockLength
        var stream = try Threads.withCount(1) {
            try PartitionedConvolution(
                kernel: UnsafeBufferPointer(kernel), channels: 1, kernelLength: kernelLength,
                blockLength: length)
        }
        var times = Array(repeating: [Double](), count: stream.period)
        for place in times.indices { times[place].reserveCapacity(periods) }
        for period in 0...periods {
            for place in times.indices {
                let start = (period * times.count + place) * length % kernelLength
                let before = nanosecondsNow()
                stream.push(input(start, count: length), into: result(start, count: length))
                let time = nanosecondsNow() - before
                if period > 0 { times[place].append(time) }
            }
        }
        return BlockTimes(times)
    }
}

private let origin = ContinuousClock.now

/// The nanoseconds since the first call.
private func nanosecondsNow() -> Double { (ContinuousClock.now - origin) / .nanoseconds(1) }
