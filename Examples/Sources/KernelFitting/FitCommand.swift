import ArgumentParser
import ExampleSupport
import Foundation
import Tensors
import Terminator
import Training

/// `KernelFitting fit`: prints a line for each net and writes a picture of each.
struct FitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fits one kind of slow net, or all, to a target kernel.",
        discussion: """
            Prints the number of parameters, the error relative to the target (both as root mean squares), the largest \
            error relative to the target's largest value, and the time. With --output, a picture of each net is written: \
            target, fit and ten times the error, all on the scale of the target. Targets in two dimensions are for the \
            nets that make such kernels: all means those.
            """)

    @Option(
        help: "The kind of slow net: \(SlowNetKind.allCases.map(\.rawValue).joined(separator: ", ")) or all.",
        completion: .list(SlowNetKind.allCases.map(\.rawValue) + ["all"]), transform: Self.kinds)
    var net = SlowNetKind.allCases
    @Option(help: "The kernel to fit.") var target = TargetKernel.chirp
    @Option(help: "The number of steps.", in: 1...1 << 24) var steps = 2000
    @Option(
        help: "The largest learning rate. (default: one for each kind of net)", transform: numberAboveZero)
    var rate: Float?
    @Option(help: "The number of hidden channels.", in: 1...1 << 12) var hidden = 32
    @Option(help: "The number of linear layers between hidden channels.", in: 1...64) var layers = 2
    @Option(
        help: "The highest initial frequency, as a fraction of the Nyquist frequency.",
        reading: numberOfAtLeastZero)
    var fraction: Float = 1
    @Option(help: "The random seed.", in: 0...UInt64.max) var seed: UInt64 = 1
    @Option(help: "The folder to write <target>-<net>.png to.", completion: .directory)
    var output: String?

    private static func kinds(_ word: String) throws -> [SlowNetKind] {
        if word == "all" { return SlowNetKind.allCases }
        guard let kind = SlowNetKind(rawValue: word) else {
            let names = SlowNetKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("expected one of \(names) or all, found '\(word)'")
        }
        return [kind]
    }

    func validate() throws {
        try expect(
            target.extents.count == 1 || net.contains(where: \.takesPlanes),
            "expected a target in one dimension for the net \(net[0].rawValue), found '\(target)'")
    }

    func run() throws {
        if let output { try createFolder(output) }
        say(row("net", "rate", "parameters", "error", "largest", "seconds"))
        // The nets alone: a window would fade what is to be fitted, and taps below a threshold learn nothing.
        var options = GlobalKernelOptions()
        options.window = .none
        options.threshold = 0
        for kind in net where target.extents.count == 1 || kind.takesPlanes {
            var randomNumbers = RandomNumbers(seed: seed)
            // A spatial bias is a parameter for each sample, which would hold any kernel by itself.
            let slowNet = kind.slowNet(
                extents: target.extents, outputs: 1, size: SlowNetSize(hidden: hidden, layers: layers),
                frequencies: .belowNyquist(fraction: fraction), hasSpatialBias: false, alignment: .causal,
                options: options, using: &randomNumbers)
            let rate = rate ?? kind.defaultRate
            let fit = try Fit(of: slowNet, to: target.kernel, steps: steps, rate: rate)
            say(
                row(
                    kind.rawValue, "\(rate)", "\(fit.parameterCount)", decimal(fit.relativeError, 4),
                    decimal(fit.largestError, 4), decimal(fit.seconds, 1)))
            if let output {
                try Picture(of: fit, target: target.kernel).image.write(
                    toPNG: "\(output)/\(target)-\(kind.rawValue).png")
            }
        }
    }

    /// The first cell to the left, the others to the right.
    private func row(_ name: String, _ cells: String...) -> String {
        cells.reduce(name + String(repeating: " ", count: max(1, 19 - name.count))) {
            $0 + String(repeating: " ", count: max(1, 11 - $1.count)) + $1
        }
    }
}
