import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Windows of every kind of slow net.
@Suite struct KernelWindowTests {
    static let windows = [
        KernelWindow.none, .exponential(ExponentialDecay(fast: 0.5, slow: 2, shift: 0.125)),
        .gaussian(width: 0.75),
    ]
    typealias Alignment = GlobalInteraction.Alignment

    private func net(
        _ kind: SlowNetKind, _ window: KernelWindow, extents: [Int], alignment: Alignment = .centred
    ) -> any SlowNet {
        var numbers = RandomNumbers(seed: 1)
        var options = GlobalKernelOptions()
        options.window = window
        return kind.slowNet(
            extents: extents, outputs: 3, size: SlowNetSize(hidden: 4, layers: 1),
            frequencies: .belowNyquist(fraction: 0.2), alignment: alignment, options: options, using: &numbers
        )
    }

    /// t for each sample: from 0 at lag 0 to 1 at the end, summed over the axes after `function`.
    private func distances(
        _ extents: [Int], _ alignment: Alignment, _ function: (Double) -> Double
    ) -> [Double] {
        extents.reduce([0.0]) { sums, extent in
            sums.flatMap { sum in
                (0..<extent).map { index in
                    let share = extent == 1 ? 0 : Double(index) / Double(extent - 1)
                    let distance =
                        extent == 1 ? 0 : alignment == .causal ? share : abs(2 * share - 1)
                    return sum + function(distance)
                }
            }
        }
    }

    /// The formula: the ratio of kernels with and without a window is the window, for every kind.
    @Test(arguments: SlowNetKind.combined(with: [[9], [1], [5, 6]]), [Alignment.causal, .centred])
    func multipliesKernels(shape: (SlowNetKind, [Int]), alignment: Alignment) {
        let (kind, extents) = shape
        let plain = net(kind, .none, extents: extents, alignment: alignment).kernel().scalars.map(Double.init)
        let samples = extents.reduce(1, *)
        for window in Self.windows.dropFirst() {
            let found = net(kind, window, extents: extents, alignment: alignment).kernel()
            let expected = (0..<3).flatMap { channel -> [Double] in
                switch window {
                case .exponential(let decay):
                    // From a hundredth after twice the kernel to a hundredth after half of it, evenly.
                    let rate = log(100) * [0.5, 1.25, 2][channel]
                    return distances(extents, alignment) { $0 }.map { exp(-rate * $0) + Double(decay.shift) }
                case .gaussian(let width):
                    let factor = -0.5 / Double(width * width)
                    return distances(extents, alignment) { factor * $0 * $0 }.map(exp)
                case .published, .none: return Array(repeating: 1, count: samples)
                }
            }
            // A window's exponent, of at most 2 · 9.2, has four roundings, and the exponential and the product three more.
            let tolerance = (4 * 18.4 + 6) * floatEpsilon / 2 * largestMagnitude(plain)
            #expect(
                largestDifference(found.scalars, zip(plain, expected).map { $0 * $1 }) <= tolerance,
                "\(kind) \(window)")
        }
    }

    /// Hyena's own is exponential, and only Hyena has one.
    @Test(arguments: SlowNetKind.combined(with: [[12]]))
    func publishedWindows(kind: SlowNetKind, extents: [Int]) {
        let expected: KernelWindow = kind == .hyena ? .exponential(ExponentialDecay()) : .none
        let published = net(kind, .published, extents: extents)
        #expect(published.kernel().scalars == net(kind, expected, extents: extents).kernel().scalars)
        let names = published.parameters.map(\.name).filter { $0.hasPrefix("window") }
        #expect(names == (kind == .hyena ? ["window.decays"] : []))
    }

    @Test func decaysAreThePublished() {
        let window = ExponentialWindow(channels: 5, ExponentialDecay())
        let (slow, fast) = (log(0.01) / 1.5, log(0.01) / 0.3)
        let expected = (0..<5).map { slow + (fast - slow) * Double($0) / 4 }
        // The shares are rounded to float, and the decays.
        #expect(largestDifference(window.decays.scalars, expected) <= 2 * floatEpsilon * abs(fast))
        #expect(ExponentialWindow(channels: 1, ExponentialDecay()).decays.count == 1)
    }

    /// With a window too, a kernel is one function of the coordinates, and the gradients are right.
    @Test(arguments: windows.dropFirst(), [[9], [4, 5]])
    func gradientsAreThoseOfFiniteDifferences(window: KernelWindow, extents: [Int]) {
        for alignment in [Alignment.causal, .centred] where alignment == .centred || extents.count == 1 {
            var numbers = seededNumbers(2)
            var net = net(.fourierFilters, window, extents: extents, alignment: alignment)
            net.disturb(deviation: 0.1, using: &numbers)
            #expect(Self.mismatches(of: net, extents: extents) == [])
            #expect(Self.mismatches(of: net, extents: extents.map { $0 + 2 }) == [])
            let common = net.kernel(extents: extents.map { 2 * $0 - 1 }).everySecondSample()
            #expect(largestDifference(net.kernel(), common) <= Self.roundingError(of: net))
        }
    }

    private static func mismatches(of net: some SlowNet, extents: [Int]) -> [GradientMismatch] {
        net.gradientMismatches(inputs: [], step: 0x1p-6, roundings: 64) { net, _ in
            net.kernel(extents: extents)
        }
    }

    private static func roundingError(of net: some SlowNet) -> Double {
        net.roundingError(roundings: 48) { net, _ in net.kernel() }
    }

    /// Networks with windows train, and come back from a file.
    @Test(arguments: windows, [SlowNetKind.siren, .hyena, .diagonalStateSpace])
    func networksHaveWindows(window: KernelWindow, kind: SlowNetKind) throws {
        var configuration = smallConfiguration()
        configuration.globalSlowNet = kind
        configuration.globalKernel.window = window
        try configuration.validate()
        let network = network(configuration)
        var numbers = seededNumbers(3)
        let input = numbers.tensor([4, 2, 11])
        let (_, gradient) = valueAndGradient(at: network) {
            $0(input).logits.crossEntropy(labels: [0, 1, 2, 1])
        }
        #expect(gradient.unused == [])
        let windowed = network.parameters.map(\.name).filter { $0.contains("window") }
        #expect(windowed.count == (window == .none ? 0 : 3))
        for name in windowed {
            #expect(isFinite(gradient[name]) && gradient[name].scalars.contains { $0 != 0 }, "\(name)")
        }
        let folder = try TemporaryFolder()
        try network.save(to: folder.file("model"))
        let read = try Network(contentsOf: folder.file("model"))
        #expect(haveSameParameters(read, network) && read.configuration == configuration)
    }

    /// `--set globalKernel.window=gaussian` and its like, as documents.
    @Test(arguments: [
        (#"{"globalKernel": {"window": "gaussian"}}"#, KernelWindow.gaussian(width: 0.5)),
        (#"{"globalKernel": {"window": {"gaussian": {"width": 0.25}}}}"#, .gaussian(width: 0.25)),
        (#"{"globalKernel": {"window": "exponential"}}"#, .exponential(ExponentialDecay())),
        (
            #"{"globalKernel": {"window": {"exponential": {"slow": 3}}}}"#,
            .exponential(ExponentialDecay(fast: 0.3, slow: 3))
        ),
        (#"{"globalKernel": {"window": "none"}}"#, .none),
        (#"{"globalKernel": {"smoothing": 3}}"#, .published),
    ])
    func isReadFromDocuments(json: String, window: KernelWindow) throws {
        var configuration = smallConfiguration()
        try configuration.update(
            reading: JSONDecoder().decode(ConfigurationDocument.self, from: Data(json.utf8)))
        #expect(configuration.globalKernel.window == window)
    }
}
