import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

/// Networks too large for any machine are refused before anything is allocated.
@Suite struct NetworkSizeTests {
    /// A bound from below that misses little: each refusal would be one of a network that needs more.
    private func expectTightBound(
        _ configuration: NetworkConfiguration, from location: SourceLocation = #_sourceLocation
    ) {
        var randomNumbers = RandomNumbers(seed: 1)
        let count = Double(Network(configuration, using: &randomNumbers).parameterCount)
        let bound = NetworkSize(of: configuration).parameterCount
        #expect(bound <= count && bound > count / 2, "\(bound) of \(count)", sourceLocation: location)
    }

    @Test(arguments: [NetworkPreset.digitsSequence, .digitsImage, .sCIFAR10, .authorsCIFAR10])
    func boundsPresets(preset: NetworkPreset) { expectTightBound(preset.configuration) }

    @Test(arguments: SlowNetKind.allCases) func boundsKindsOfSlowNets(kind: SlowNetKind) {
        let preset = kind.takesPlanes ? NetworkPreset.digitsImage : .digitsSequence
        var configuration = preset.configuration
        configuration.globalSlowNet = kind
        configuration.spatialBias = .absent
        for index in configuration.blocks.indices { configuration.blocks[index].globalLayers = 7 }
        configuration.localSlowNet = SlowNetSize(hidden: 5, layers: 9)
        configuration.localKernelSizes = [1, 3, 21, 5]
        expectTightBound(configuration)
    }

    static let tooLarge: [(message: String, change: @Sendable (inout NetworkConfiguration) -> Void)] = [
        ("at most 268435456 parameters", { $0.globalHidden = 65_536 }),
        ("at most 268435456 parameters", { $0.localSlowNet = SlowNetSize(hidden: 65_536, layers: 1) }),
        ("at most 268435456 parameters", { $0.channelSlowNet = SlowNetSize(hidden: 16_384, layers: 2) }),
        ("at most 268435456 parameters", { $0.blocks[0].expansion = 65_536 }),
        ("at most 268435456 parameters", { $0.extents = [1 << 24, 1 << 24] }),
        ("maps of at most 268435456 numbers", { $0.extents = [1 << 24] }),
        ("at most 65536 layers", { $0.localSlowNet = SlowNetSize(hidden: 1, layers: 65_536) }),
        ("at most 65536 layers", { $0.blocks[0].globalLayers = 65_536 }),
    ]

    @Test(arguments: tooLarge.indices) func refusesWhatNoMachineHolds(index: Int) {
        var configuration = NetworkPreset.digitsSequence.configuration
        configuration.globalHidden = 128
        configuration.standardizationGroups = 1
        if index == 3 {
            // Nothing behind, which would have to have as many channels.
            configuration.blocks = [configuration.blocks[0]]
            configuration.blocks[0].channels = 1
            configuration.classCount = 1 << 12
        }
        Self.tooLarge[index].change(&configuration)
        let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
        #expect(error?.description.contains(Self.tooLarge[index].message) == true, "\(error!)")
    }

    /// What a file says of a network is believed only as far as the file has parameters for it.
    @Test(arguments: [
        (#""channels":1,"#, #""channels":1000000000000000000,"#),
        (#""globalHidden":32"#, #""globalHidden":1000000000000000000"#),
        (#""globalHidden":32"#, #""globalHidden":99999999999999999999"#),
        (#""globalHidden":32"#, #""globalHidden":4096"#), (#""globalHidden":32"#, #""globalHidden":32.0"#),
        (#""globalHidden":32"#, #""globalHidden":3.2e1"#),
        (#""globalHidden":32"#, #""globalHidden":32,"globalHidden":32"#),
        (#""globalLayers":2"#, #""globalLayers":20000"#), (#""extents":[64]"#, #""extents":[16777216]"#),
        (#""alpha":1,"#, #""alpha":1e400,"#), (#""alpha":1,"#, #""alpha":1e-400,"#),
    ]) func modelsOfOtherSizesAreRefused(found: String, replacement: String) throws {
        let folder = try TemporaryFolder()
        let file = folder.file("model.safetensors")
        var randomNumbers = RandomNumbers(seed: 1)
        try Network(NetworkPreset.digitsSequence.configuration, using: &randomNumbers).save(to: file)
        let stored = try Safetensors(contentsOf: file)
        var metadata = stored.metadata
        let text = try #require(metadata[Network.configurationKey])
        #expect(text.contains(found), "\(text)")
        metadata[Network.configurationKey] = text.replacing(found, with: replacement)
        let tensors = try stored.names.map { (name: $0, tensor: try stored.tensor(named: $0)) }
        try Safetensors.write(tensors, metadata: metadata, to: file)
        #expect {
            try Network(contentsOf: file)
        } throws: { error in
            if case .configuration(file, _)? = error as? CheckpointError { true } else { false }
        }
    }
}
