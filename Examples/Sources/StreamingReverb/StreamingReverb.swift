import ArgumentParser
import Convolution
import ExampleSupport
import Foundation
import SignalFiles

/// Sends a WAV file through an impulse response, block by block as a sound card would, and says how long blocks take.
@main
struct StreamingReverb: ExampleCommand {
    static let configuration = CommandConfiguration(
        commandName: "StreamingReverb",
        abstract: "Convolves a WAV file with an impulse response, in blocks as they come from a sound card.",
        discussion: """
            Reads integers of 16, 24 and 32 bits and floats of 32 and 64 bits, and writes the format of the input. The response \
            has one channel, or one for each of the input's; an input of one channel is heard in each channel of the \
            response. Prints the median and the worst time of a block, the share of the time that a block lasts, and the \
            difference from a convolution of the whole signal.
            """, version: Release.version)

    @Argument(help: "The WAV file to send through the response.", completion: .file(extensions: ["wav"]))
    var input: String
    @Argument(help: "The WAV file with the impulse response.", completion: .file(extensions: ["wav"]))
    var response: String
    @Argument(help: "The WAV file to write.", completion: .file(extensions: ["wav"]))
    var output: String
    @Option(help: "The samples of a block.", in: 1...1 << 20) var block = 64
    @Option(help: "The threads that share a block's channels.", in: 1...1024) var threads = 1
    @Option(help: "The factor of the output.", reading: numberOfAtLeastZero) var gain: Float = 1

    func run() throws {
        let (sound, room) = (try Sound(contentsOf: input), try Sound(contentsOf: response))
        try expect(
            sound.description.sampleRate == room.description.sampleRate,
            "expected a response of \(sound.description.sampleRate!) samples a second, found \(room.description.sampleRate!)"
        )
        let channels = sound.channels.count, responses = room.channels.count
        try expect(
            channels == 1 || responses == 1 || channels == responses,
            "expected a response of 1 or \(channels) channels, found \(responses)")
        let signal =
            channels < responses ? Array(repeating: sound.channels[0], count: responses) : sound.channels
        let scaled = room.channels.map { $0.map { $0 * gain } }
        let reverb = try Reverb(of: signal, in: scaled, blockLength: block, threads: threads)

        // Before anything is printed: a reader that has gone ends the program there.
        let count = sound.count + room.count - 1
        let clipped = try Sound(
            channels: reverb.output.map { Array($0[..<count]) }, format: sound.description.format,
            sampleRate: sound.description.sampleRate
        ).write(to: output)

        let times = reverb.blockSeconds.sorted()
        let lasting = Double(block) / Double(sound.description.sampleRate!)
        say(
            "\(sound.count) samples of \(signal.count) \(signal.count == 1 ? "channel" : "channels") through a response of \(room.count), "
                + "\(times.count) blocks of \(block)")
        say(
            "a block lasts \(microseconds(lasting)); its median time is \(microseconds(times[times.count / 2])), the worst \(microseconds(times.last!))"
        )
        say("share of real time: \(decimal(100 * times.reduce(0, +) / lasting / Double(times.count), 2)) %")
        let difference = try reverb.differenceFromWhole(signal, scaled)
        say(
            "difference from the whole signal at once: \(difference < 1e-5 ? "below 1e-5" : "\(difference)") of the largest output"
        )
        if clipped > 0 { say("\(clipped) samples were clipped; a smaller --gain avoids it") }
    }

    private func microseconds(_ seconds: Double) -> String { decimal(1e6 * seconds, 1) + " µs" }
}
