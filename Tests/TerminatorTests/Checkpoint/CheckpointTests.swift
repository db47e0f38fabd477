import Foundation
import Tensors
import TestSupport
import Testing

@testable import Terminator

@Suite struct CheckpointTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("model.safetensors") }

    init() throws { folder = try TemporaryFolder() }

    private func network(_ configuration: NetworkConfiguration = smallConfiguration(), seed: UInt64 = 1)
        -> Network
    {
        var numbers = RandomNumbers(seed: seed)
        return Network(configuration, using: &numbers)
    }

    /// A network that has seen a batch in training.
    private func trainedNetwork() -> Network {
        var numbers = seededNumbers()
        var network = network()
        network.updateStatistics(from: network(numbers.tensor([3, 2, 11]), dropout: &numbers))
        return network
    }

    @Test func aNetworkIsReadBackAsItWas() throws {
        let original = trainedNetwork()
        try original.save(to: path, metadata: ["note": "kept"])
        let restored = try Network(contentsOf: path)
        #expect(restored.configuration == original.configuration)
        #expect(haveSameParameters(restored, original))
        #expect(restored.statistics.batchCount == 1)
        var numbers = RandomNumbers(seed: 5)
        let input = numbers.tensor([2, 2, 11])
        #expect(restored(input).logits.scalars == original(input).logits.scalars)
        #expect(try Safetensors(contentsOf: path).metadata["note"] == "kept")

        var other = network(seed: 9)
        try other.load(from: path)
        #expect(haveSameParameters(other, original))
    }

    @Test func parametersAloneAreReadBack() throws {
        let original = network()
        try original.saveParameters(to: path)
        var other = network(seed: 9)
        #expect(!haveSameParameters(other, original))
        try other.loadParameters(from: path)
        #expect(haveSameParameters(other, original))
        // Without statistics in the file there are none afterwards.
        var trained = trainedNetwork()
        try trained.load(from: path)
        #expect(trained.statistics.values.isEmpty)
    }

    /// Writes the network's tensors after `change`, and answers the error of reading them; the network stays as it was.
    private func errorAfter(_ change: (inout [(name: String, tensor: Tensor)]) -> Void) throws
        -> CheckpointError?
    {
        var tensors = network().parameters
        change(&tensors)
        try Safetensors.write(tensors, to: path)
        var other = network(seed: 9)
        let before = other
        do {
            try other.load(from: path)
            return nil
        } catch {
            #expect(haveSameParameters(other, before))
            return error
        }
    }

    private let parameter = "blocks.1.bottleneck.weight"

    @Test func aMissingParameterIsNamed() throws {
        let error = try errorAfter { tensors in tensors.removeAll { $0.name == parameter } }
        #expect(error == .missing(path: path, parameter: parameter))
        #expect(error?.description == "\(path): there is no tensor for the parameter '\(parameter)'")
    }

    @Test func anAdditionalTensorIsNamed() throws {
        let error = try errorAfter {
            $0.append((name: "blocks.3.offset", tensor: Tensor(shape: [1], scalars: [0])))
        }
        #expect(error == .unexpected(path: path, name: "blocks.3.offset"))
        #expect(error?.description == "\(path): 'blocks.3.offset' belongs to no parameter of the network")
    }

    @Test func aWrongShapeIsNamed() throws {
        let error = try errorAfter { tensors in
            let index = tensors.firstIndex { $0.name == parameter }!
            tensors[index].tensor = Tensor(shape: [44, 4], repeating: 0)
        }
        #expect(error == .shape(path: path, parameter: parameter, expected: [4, 44], found: [44, 4]))
        #expect(
            error?.description
                == "\(path): expected shape [4, 44] for the parameter '\(parameter)', found [44, 4]")
    }

    @Test func statisticsOfAnotherNetworkAreNamed() throws {
        let name = "blocks.0.bottleneck.mean"
        let error = try errorAfter {
            $0.append((name: "statistics.\(name)", tensor: Tensor(shape: [1, 4, 1], repeating: 0)))
        }
        guard case .missing(path, let missing)? = error else {
            Issue.record("expected missing statistics, got \(String(describing: error))")
            return
        }
        #expect(missing.hasPrefix("statistics.blocks."))
    }

    @Test func aFileThatIsNoneIsRefused() throws {
        var network = network()
        #expect(throws: CheckpointError.self) { try network.load(from: path) }
        try Data("nothing of the kind".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: CheckpointError.self) { try network.load(from: path) }
        #expect(throws: CheckpointError.self) { try Network(contentsOf: path) }
        #expect(throws: CheckpointError.self) { try network.loadAuthorsParameters(from: path) }
    }

    @Test(arguments: [
        nil, "{", "{}", #"{"extents":[64]}"#,
    ])
    func aConfigurationThatIsNoneIsRefused(text: String?) throws {
        try network().saveParameters(to: path, metadata: text.map { [Network.configurationKey: $0] } ?? [:])
        try expectConfigurationError()
    }

    /// Configurations that can be decoded, but of which no network should be made.
    @Test func aHostileConfigurationIsRefused() throws {
        var contradictory = smallConfiguration()
        contradictory.blocks[1].channels = 5
        var enormous = smallConfiguration()
        enormous.extents = [1 << 24]
        var wide = smallConfiguration()
        wide.globalHidden = 1 << 16
        var long = smallConfiguration()
        long.blocks += (0..<1000).map { _ in BlockConfiguration(channels: 8, expansion: 1) }
        for configuration in [contradictory, enormous, wide, long] {
            let text = String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self)
            try network().saveParameters(to: path, metadata: [Network.configurationKey: text])
            try expectConfigurationError()
        }
    }

    private func expectConfigurationError() throws {
        do {
            _ = try Network(contentsOf: path)
            Issue.record("expected an error")
        } catch {
            guard case .configuration(path, _) = error else {
                Issue.record("expected an error of the configuration, got \(error)")
                return
            }
        }
    }

    /// Names with an irregular counterpart; the whole list is compared through the golden checkpoint.
    @Test func authorsKeys() {
        func keys(_ path: NetworkPath) -> [String] { path.authorsKeys }
        #expect(keys(.classifier(.bias)) == ["out_layer.bias"])
        #expect(keys(.blocks(12, .offset)) == ["blocks.12.bias"])
        #expect(
            keys(.blocks(0, .kernelRGU(.spatialBias))) == [
                "blocks.0.fast_multi_branch.Fast_Kernel_rgu_2.fast_bias_p",
                "blocks.0.fast_multi_branch.Fast_Kernel_rgu_2.bias_p",
            ])
        #expect(
            keys(.blocks(2, .localSlowNets(3, .filterNetwork(.filters(1, .weight))))) == [
                "blocks.2.fast_multi_branch.slow_net_l4.Kernel.filters.1.linear.weight"
            ])
        #expect(
            keys(.blocks(2, .localSlowNets(3, .filterNetwork(.spatialBias)))) == [
                "blocks.2.fast_multi_branch.slow_net_l4.Kernel.bias_pk"
            ])
    }

    /// A reshaped tensor of the authors' must have the same extents but for ones.
    @Test func authorsShapesAreChecked() throws {
        let configuration = smallAuthorsConfiguration(extents: [5, 5])
        let original = TerminatorTests.network(configuration)
        func write(_ change: (String, Tensor) -> Tensor) throws {
            let tensors = original.parametersByPath.map {
                (name: "network.\($0.path.authorsKeys[0])", tensor: change($0.path.name, $0.tensor))
            }
            try Safetensors.write(tensors, to: path)
        }
        var other = TerminatorTests.network(configuration, seed: 9)
        try write { $1.reshaped(to: $1.shape + [1, 1]) }
        try other.loadAuthorsParameters(from: path)
        #expect(haveSameParameters(other, original))
        try write { $0 == parameter ? $1.reshaped(to: $1.shape.reversed()) : $1 }
        #expect(
            throws: CheckpointError.shape(
                path: path, parameter: parameter, expected: [4, 44], found: [44, 4])
        ) {
            try other.loadAuthorsParameters(from: path)
        }
    }

    /// Written under the authors' names and read again, every parameter has the same bits.
    @Test(arguments: ["", "network."]) func authorsParametersSurvive(prefix: String) throws {
        let original = TerminatorTests.network(smallAuthorsConfiguration(extents: [5, 5]))
        try original.saveAuthorsParameters(to: path, prefix: prefix, metadata: ["note": "kept"])
        let file = try Safetensors(contentsOf: path)
        #expect(file.metadata == ["note": "kept"])
        #expect(file.names.allSatisfy { $0.hasPrefix(prefix) })
        // Eight slow nets in each block: one global, four local, one over space, two over channels.
        #expect(file.names.count { $0.hasSuffix(".train_length") } == 8 * 3)
        #expect(
            try file.shape(of: prefix + "blocks.1.fast_multi_branch.bottleneck_layer.weight") == [
                4, 44, 1, 1,
            ])
        var other = TerminatorTests.network(original.configuration, seed: 9)
        try other.loadAuthorsParameters(from: path)
        #expect(haveSameParameters(other, original))
    }

    /// What the authors' code would compute otherwise is not written; all of it is named.
    @Test func otherChoicesAreNotWrittenForTheAuthorsCode() throws {
        try Data("kept".utf8).write(to: URL(fileURLWithPath: path))
        var configuration = network().configuration
        configuration.globalKernel.window = .gaussian(width: 0.5)
        do {
            try TerminatorTests.network(configuration).saveAuthorsParameters(to: path)
            Issue.record("expected an error")
        } catch {
            #expect(
                error.description
                    == "\(path): the authors' code computes something else: "
                    + "globalInteraction: expected matrixProduct, found centredConvolution; "
                    + "globalKernel.window: expected none, found gaussian(width: 0.5); "
                    + "renormalization.isTrained: expected false, found true; "
                    + "evaluationStatistics: expected batch, found running(momentum: 0.1); "
                    + "gateOrder: expected beforeStandardization, found afterStandardization; "
                    + "keepsCanceledBiases: expected true, found false; "
                    + "spatialBias: expected fixed, found resampled")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("kept".utf8))
    }
}
