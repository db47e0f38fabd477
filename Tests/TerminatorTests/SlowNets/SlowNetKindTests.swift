import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// A word in the configuration chooses the slow nets of the global kernels.
@Suite struct SlowNetKindTests {
    private func configuration(_ kind: SlowNetKind, extents: [Int] = [11]) -> NetworkConfiguration {
        var configuration = smallConfiguration(extents: extents)
        configuration.globalSlowNet = kind
        return configuration
    }

    @Test(arguments: SlowNetKind.allCases)
    func isAWordInAFile(kind: SlowNetKind) throws {
        let data = try JSONEncoder().encode(configuration(kind))
        #expect(String(decoding: data, as: UTF8.self).contains("\"globalSlowNet\":\"\(kind)\""))
        #expect(try JSONDecoder().decode(NetworkConfiguration.self, from: data) == configuration(kind))
    }

    @Test func isTheAuthorsByDefault() {
        #expect(smallConfiguration().globalSlowNet == .magnet)
        #expect(smallAuthorsConfiguration(extents: [11]).globalSlowNet == .magnet)
    }

    @Test(arguments: SlowNetKind.allCases)
    func choosesTheTypeOfTheNet(kind: SlowNetKind) {
        let net = network(configuration(kind)).blocks[0].globalSlowNet
        let isExpected =
            switch kind {
            case .magnet, .fourierFilters: net is MultiplicativeFilterNetwork<SineFilter>
            case .gaborFilters: net is MultiplicativeFilterNetwork<GaborFilter>
            case .siren: net is SIREN
            case .fourierFeatures: net is FourierFeatureNetwork
            case .perceptron: net is CoordinatePerceptron
            case .hashGrid: net is HashGridNetwork
            case .diagonalStateSpace: net is DiagonalStateSpace
            case .hyena: net is WindowedSlowNet<HyenaFilter, ExponentialWindow>
            case .multiscale: net is MultiscaleKernel
            case .explicit: net is ExplicitKernel
            }
        #expect(isExpected)
    }

    /// Every parameter of the whole network has a gradient that is finite and a group that counts it.
    @Test(arguments: SlowNetKind.combined(with: [[11], [5, 6]]))
    func networksTrain(kind: SlowNetKind, extents: [Int]) {
        var numbers = seededNumbers()
        let network = network(configuration(kind, extents: extents))
        let input = numbers.tensor([4, 2] + extents)
        let (_, gradient) = valueAndGradient(at: network) { network in
            let output = network(input)
            return output.logits.crossEntropy(labels: [0, 1, 2, 1]) + slowNeuralLoss(kernels: output.kernels)
        }
        #expect(gradient.unused == [])
        for (name, _) in network.parameters { #expect(isFinite(gradient[name]), "\(name)") }

        let counts = network.parameterCounts
        #expect(counts.values.reduce(0, +) == network.parameterCount)
        let inGlobalNets = network.blocks.reduce(0) { $0 + $1.globalSlowNet.parameterCount }
        #expect(counts[.globalSlowNets] == inGlobalNets)
    }

    @Test(arguments: SlowNetKind.allCases)
    func checkpointsComeBackToTheLastBit(kind: SlowNetKind) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("slow-net-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let network = network(configuration(kind))
        try network.save(to: path)
        let read = try Network(contentsOf: path)
        #expect(haveSameParameters(read, network))
        var numbers = seededNumbers()
        let input = numbers.tensor([2, 2, 11])
        #expect(read(input).logits.scalars == network(input).logits.scalars)
    }

    /// A network reads other extents than those it was made for, whatever makes its kernels.
    @Test(arguments: SlowNetKind.combined(with: [[11], [5, 6]]))
    func networksReadOtherExtents(kind: SlowNetKind, extents: [Int]) {
        var numbers = seededNumbers()
        var network = network(configuration(kind, extents: extents))
        network.updateStatistics(from: network(numbers.tensor([4, 2] + extents), dropout: &numbers))
        for change in [-3, 7] {
            let logits = network(numbers.tensor([2, 2] + extents.map { $0 + change })).logits
            #expect(logits.shape == [2, 3] && isFinite(logits))
        }
    }

    /// The authors' way to draw frequencies is one for multiplied filters.
    @Test(arguments: SlowNetKind.allCases)
    func gammaFrequenciesAreForMultipliedFilters(kind: SlowNetKind) {
        var configuration = configuration(kind)
        configuration.frequencies = .gamma(omega: 1)
        var refusal: String?
        do {
            try configuration.validate()
        } catch {
            refusal = error.description
        }
        guard kind == .siren || kind == .fourierFeatures || kind == .hyena else {
            #expect(refusal == nil)
            return
        }
        #expect(refusal == "frequencies: expected belowNyquist for the slow net \(kind), found gamma")
    }
}
