import Foundation
import Testing

@testable import Terminator

@Suite struct ConfigurationCodingTests {
    /// Every field at another value than its default: one that is not written or not read is seen.
    static let unusual: NetworkConfiguration = {
        var configuration = NetworkConfiguration(
            extents: [4, 5], inputChannels: 3, classCount: 7,
            blocks: [
                BlockConfiguration(channels: 3, expansion: 2, globalLayers: 1, dropout: 0.1),
                BlockConfiguration(channels: 6, expansion: 1, skips: [0]),
            ])
        configuration.globalHidden = 5
        configuration.localSlowNet = SlowNetSize(hidden: 6, layers: 7)
        configuration.localKernelSizes = [1, 3, 5, 11]
        configuration.channelSlowNet = SlowNetSize(hidden: 8, layers: 9)
        configuration.interactionChannelSlowNet = SlowNetSize(hidden: 10, layers: 11)
        configuration.interactionSpatialSlowNet = SlowNetSize(hidden: 12, layers: 13)
        configuration.standardizationGroups = 2
        configuration.globalInteraction = .convolution(.causal)
        configuration.frequencies = .gamma(omega: 0.3)
        configuration.renormalization = RenormalizationConfiguration(
            alpha: 0.7, beta: 0.9, isTrained: false)
        configuration.localContext = .perSample
        configuration.evaluationStatistics = .batch
        configuration.globalSlowNet = .hashGrid
        configuration.globalKernel.window = .exponential(ExponentialDecay(fast: 0.1, slow: 0.7, shift: 0.2))
        configuration.globalKernel.smoothing = 7
        configuration.globalKernel.threshold = 0.25
        configuration.globalKernel.rates = {
            var rates = KernelRates()
            (rates.dynamics, rates.scales, rates.taps, rates.decays, rates.widths) = (0.5, 0.6, 0.7, 0.8, 0.9)
            return rates
        }()
        configuration.statistics = .prefix
        configuration.gateOrder = .beforeStandardization
        configuration.keepsCanceledBiases = true
        configuration.spatialBias = .absent
        configuration.checkpointing = .blocks
        configuration.readout = .positions
        return configuration
    }()

    private func decoded(_ json: String) throws -> NetworkConfiguration {
        try JSONDecoder().decode(NetworkConfiguration.self, from: Data(json.utf8))
    }

    @Test func everyFieldSurvives() throws {
        let data = try JSONEncoder().encode(Self.unusual)
        #expect(try JSONDecoder().decode(NetworkConfiguration.self, from: data) == Self.unusual)
        // The test above says nothing of a field that is at its default here.
        let standard = NetworkConfiguration(extents: [], inputChannels: 1, classCount: 1, blocks: [])
        func compare(_ unusual: Any, _ standard: Any) {
            for (unusual, standard) in zip(
                Mirror(reflecting: unusual).children, Mirror(reflecting: standard).children)
            {
                #expect("\(unusual.value)" != "\(standard.value)", "\(unusual.label ?? "")")
            }
        }
        compare(Self.unusual, standard)
        compare(Self.unusual.globalKernel, standard.globalKernel)
        compare(Self.unusual.globalKernel.rates, standard.globalKernel.rates)
    }

    /// A field without a key would be left out in silence.
    @Test func everyFieldHasItsKey() {
        func labels(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }
        #expect(labels(Self.unusual) == NetworkConfiguration.CodingKeys.allCases.map(\.rawValue))
        #expect(labels(Self.unusual.blocks[0]) == BlockConfiguration.CodingKeys.allCases.map(\.rawValue))
        #expect(labels(Self.unusual.globalKernel) == GlobalKernelOptions.CodingKeys.allCases.map(\.rawValue))
        #expect(labels(Self.unusual.globalKernel.rates) == KernelRates.CodingKeys.allCases.map(\.rawValue))
        #expect(labels(Self.unusual.localSlowNet) == SlowNetSize.CodingKeys.allCases.map(\.rawValue))
        #expect(
            labels(Self.unusual.renormalization)
                == RenormalizationConfiguration.CodingKeys.allCases.map(\.rawValue))
    }

    @Test func choicesAreReadable() throws {
        func encoded(_ value: some Encodable) throws -> String {
            String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        }
        #expect(try encoded(GlobalInteraction.convolution(.centred)) == #""centredConvolution""#)
        #expect(try encoded(GlobalInteraction.convolution(.causal)) == #""causalConvolution""#)
        #expect(try encoded(GlobalInteraction.matrixProduct) == #""matrixProduct""#)
        #expect(try encoded(EvaluationStatistics.batch) == #""batch""#)
        #expect(
            try encoded(EvaluationStatistics.running(momentum: 0.5)) == #"{"running":{"momentum":0.5}}"#)
        #expect(try encoded(KernelWindow.published) == #""published""#)
        #expect(try encoded(KernelWindow.none) == #""none""#)
        #expect(try encoded(KernelWindow.gaussian(width: 0.25)) == #"{"gaussian":{"width":0.25}}"#)
        #expect(try encoded(FrequencyDistribution.gamma(omega: 2)) == #"{"gamma":{"omega":2}}"#)
        #expect(
            try encoded(FrequencyDistribution.belowNyquist(fraction: 0.5))
                == #"{"belowNyquist":{"fraction":0.5}}"#)
    }

    @Test func missingFieldsHaveTheirDefaults() throws {
        let configuration = try decoded(
            """
            {"extents": [9], "inputChannels": 2, "classCount": 3, "blocks": [{"channels": 2, "expansion": 12}],
             "localSlowNet": {"layers": 5}}
            """)
        var expected = NetworkConfiguration(
            extents: [9], inputChannels: 2, classCount: 3,
            blocks: [BlockConfiguration(channels: 2, expansion: 12)])
        expected.localSlowNet.layers = 5
        #expect(configuration == expected)
    }

    static let refusals = [
        ("{}", "extents: expected a value, found nothing"),
        ("[]", "expected a record of extents, inputChannels, "),
        (#"{"extents": 64}"#, "extents: expected a list, found '64'"),
        (#"{"extents": [64, "many"]}"#, "extents[1]: expected a whole number, found 'many'"),
        (#"{"extents": [6.5]}"#, "extents[0]: expected a whole number, found '6.5'"),
        (#"{"extent": [6]}"#, "extent: unknown field; the nearest known: extents"),
        (#"{"hidden": 6}"#, "hidden: unknown field; the nearest known: "),
        (#"{"blocks": [{"expansion": 1}]}"#, "blocks[0].channels: expected a value, found nothing"),
        (
            #"{"blocks": [3]}"#,
            "blocks[0]: expected a record of channels, expansion, globalLayers, skips, dropout"
        ),
        (
            #"{"blocks": [{"channels": 1, "expansion": 1, "dropuot": 0.5}]}"#,
            "blocks[0].dropuot: unknown field; the nearest known: dropout"
        ),
        (#"{"localSlowNet": {"depth": 3}}"#, "localSlowNet.depth: unknown field; the nearest known: hidden"),
        (#"{"keepsCanceledBiases": 1}"#, "keepsCanceledBiases: expected true or false, found '1'"),
        (#"{"renormalization": {"beta": true}}"#, "renormalization.beta: expected a number, found 'true'"),
        (#"{"globalHidden": null}"#, "globalHidden: expected a whole number, found nothing"),
        (
            #"{"spatialBias": "none"}"#,
            "spatialBias: expected one of fixed, resampled, absent, found 'none'"
        ),
        (
            #"{"frequencies": {"uniform": {}}}"#,
            "frequencies: expected one of gamma, belowNyquist, found a record of uniform"
        ),
        (#"{"frequencies": "gamma"}"#, "frequencies.gamma.omega: expected a value, found nothing"),
        (#"{"frequencies": {"gamma": {}}}"#, "frequencies.gamma.omega: expected a value, found nothing"),
        (
            #"{"frequencies": {"gamma": {"fraction": 1}}}"#,
            "frequencies.gamma.fraction: unknown field; the nearest known: omega"
        ),
        (
            #"{"evaluationStatistics": {"running": {"momentum": "high"}}}"#,
            "evaluationStatistics.running.momentum: expected a number, found 'high'"
        ),
        (
            #"{"globalInteraction": {"convolution": {"_0": "causal"}}}"#,
            "globalInteraction: expected one of centredConvolution, causalConvolution, matrixProduct, found a record"
        ),
    ]

    /// The message begins as given. The required fields stand before the mistake.
    @Test(arguments: refusals)
    func mistakesAreNamed(json: String, message: String) {
        var text = json
        if json != "{}", json.hasPrefix("{") {
            let required = [
                ("extents", "[3]"), ("inputChannels", "1"), ("classCount", "1"), ("blocks", "[]"),
            ]
            .filter { !json.contains("\"\($0.0)\"") }.map { "\"\($0.0)\": \($0.1)" }
            text = "{" + required.joined(separator: ", ") + ", " + json.dropFirst()
        }
        let error = #expect(throws: ConfigurationError.self) { try decoded(text) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func nearestNames() {
        let names = ["dropout", "expansion", "skips"]
        #expect(namesNearest(to: "Dropout", among: names) == ["dropout"])
        #expect(namesNearest(to: "skip", among: names) == ["skips"])
        #expect(namesNearest(to: "x", among: []) == [])
    }
}
