import ArgumentParser
import Convolution
import ExampleSupport
import SignalFiles
import Training

/// Convolves a file of any length with a kernel in another file.
@main
struct ConvolveFile: ExampleCommand {
    static let configuration = CommandConfiguration(
        commandName: "ConvolveFile",
        abstract: "Convolves a file of any length with a kernel in another file, in bounded memory.",
        discussion: """
            Files are WAV files of integers of 16, 24 or 32 bits or floats of 32 or 64 bits, also longer than 4 GiB (RF64, \
            BW64), or, with a name that ends in s16, s24, s32, f32 or f64, such samples without a header, the lowest byte \
            first. Signal and kernel have as many channels, or one of them has one, which meets each of the other's. Input \
            and kernel may be pipes.

            The output gets its name only once it is whole: an error, a full disk or an interruption (Ctrl-C) leaves what was \
            there. Prints the lengths, the peak, the number of clipped samples, the speed and the memory.
            """, version: Release.version)

    /// The outputs that are kept.
    enum Kept: String, CaseIterable, ExpressibleByArgument {
        case full, causal, centred, valid
    }

    /// In what samples are computed.
    enum Precision: String, CaseIterable, ExpressibleByArgument {
        case single, double
    }

    @Argument(help: "The file with the signal.", completion: .file())
    var input: String
    @Argument(help: "The file with the kernel.", completion: .file())
    var kernel: String
    @Argument(help: "The file to write.", completion: .file())
    var output: String

    @Option(
        help: """
            The outputs that are kept: full, all of them; causal, as many as the input, from the first on; centred, as many, \
            from the kernel's center on; valid, those that meet the whole kernel.
            """)
    var boundary = Kept.full
    @Option(help: "The factor of the output.", reading: numberOfAtLeastZero) var gain: Float = 1
    @Option(
        help: "How the output's samples are written. (default: as its name or the input says)",
        completion: .list(SampleFormat.allCases.map(\.rawValue)), transform: Self.format)
    var samples: SampleFormat?
    @Option(
        help:
            "In what is computed. (default: double if samples of 32-bit integers or 64-bit floats are read or written)"
    )
    var precision: Precision?
    @Option(
        help: "How the input is written, whatever its name says: wav, or samples without a header.",
        completion: .list(Self.containerNames), transform: Self.container)
    var inputFormat: FileForm?
    @Option(
        help: "How the kernel is written, whatever its name says.", completion: .list(Self.containerNames),
        transform: Self.container)
    var kernelFormat: FileForm?
    @Option(help: "The channels of an input without a header.", in: 1...SignalDescription.largestChannelCount)
    var inputChannels = 1
    @Option(help: "The channels of a kernel without a header.", in: 1...SignalDescription.largestChannelCount)
    var kernelChannels = 1
    @Option(
        help: "The frames of a second, for a WAV file from inputs that do not say it.",
        transform: wholeNumber(1...Int(UInt32.max)))
    var rate: Int?
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Say nothing, and show no progress.") var quiet = false

    func run() throws {
        threading.apply()
        let outputForm = FileForm(path: output)
        if case .raw(let format) = outputForm, let samples, samples != format {
            throw ValidationError(
                "the name of \(output) stands for \(format.rawValue), and --samples for \(samples.rawValue)")
        }
        let signal = try SignalReader(
            contentsOf: input,
            as: (inputFormat ?? FileForm(path: input)).container(channels: inputChannels, rate: rate))
        let taps = try SignalReader(
            contentsOf: kernel,
            as: (kernelFormat ?? FileForm(path: kernel)).container(channels: kernelChannels, rate: nil))
        var convolution = FileConvolution()
        convolution.boundary = Boundary(rawValue: boundary.rawValue)!
        convolution.gain = Double(gain)
        convolution.outputFormat = samples
        convolution.isDouble = precision.map { $0 == .double }
        if case .raw(let format) = outputForm {
            (convolution.outputFormat, convolution.isRaw) = (format, true)
        }

        StopSignal.catchFirst()
        defer { StopSignal.endProgram() }
        var display = ConvolutionDisplay(input, frameCount: signal.frameCount, isShown: !quiet)
        let start = ContinuousClock.now
        let outcome: FileConvolution.Outcome
        do {
            outcome = try convolution.run(signal, kernel: taps, into: output) { frames in
                if let signal = StopSignal.received { throw Interruption(signal: signal, output: output) }
                display.show(frames)
            }
            display.end()
        } catch {
            display.end()
            throw error
        }
        if !quiet { describe(outcome, seconds: (ContinuousClock.now - start) / .seconds(1)) }
    }

    private func describe(_ outcome: FileConvolution.Outcome, seconds: Double) {
        let description = outcome.description
        say(
            "\(outcome.inputFrames) frames with a kernel of \(outcome.kernelFrames): \(outcome.frames) frames of "
                + "\(description.channels) \(description.channels == 1 ? "channel" : "channels"), \(description.format.rawValue)"
        )
        let samples = Double(outcome.frames) * Double(description.channels)
        let bytes = samples * Double(description.format.byteCount)
        say(
            "\(decimal(seconds, 2)) s, \(decimal(samples / seconds / 1e6, 1)) million samples and "
                + "\(decimal(bytes / seconds / 1e6, 1)) MB written a second; blocks of \(outcome.blockLength)"
        )
        say("peak memory \(decimal(Double(peakMemory()) / 1e6, 0)) MB")
        say("peak \(decimal(outcome.levels.peak, 4))")
        guard outcome.levels.clippedCount > 0 else { return }
        let advice = Double(gain) / outcome.levels.peak
        say(
            "\(outcome.levels.clippedCount) samples were clipped; a --gain of \(decimal(advice * 0.999, 4)) avoids it"
        )
    }

    private static let containerNames = ["wav"] + SampleFormat.allCases.map(\.rawValue)

    private static func format(_ word: String) throws -> SampleFormat {
        guard let format = SampleFormat(rawValue: word) else {
            throw ValidationError("expected \(SampleFormat.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return format
    }

    private static func container(_ word: String) throws -> FileForm {
        if word == "wav" { return .wave }
        guard let format = SampleFormat(rawValue: word) else {
            throw ValidationError("expected \(containerNames.joined(separator: ", "))")
        }
        return .raw(format)
    }
}

/// The convolution was asked to stop.
struct Interruption: SignalInterruption, CustomStringConvertible {
    let signal: Int32
    let output: String

    var description: String { "stopped by \(StopSignal.name(signal)); \(output) is as it was" }
}
