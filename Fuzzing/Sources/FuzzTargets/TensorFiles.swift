import Foundation
import Tensors
import Terminator
import Training

extension FuzzTarget {
    /// Safetensors and what is kept in them.
    static let tensorFiles = [
        FuzzTarget("safetensors") { bytes in try readAll(InputFolder.write(bytes)) },
        // The length of the header is written for the input: what follows a header is searched, not its length.
        FuzzTarget("safetensors-header") { bytes in try readAll(fileWithHeader(bytes)) },
        FuzzTarget("model") { bytes in
            let trained = try TrainedNetwork(contentsOf: fileWithHeader(bytes))
            let copy = InputFolder.path + "/copy"
            let read = withoutError {
                try trained.save(to: copy)
                return try TrainedNetwork(contentsOf: copy)
            }
            precondition(read.network.configuration == trained.network.configuration)
            checkLogits(of: trained.network)
        },
        FuzzTarget("parameters") { bytes in
            var network = smallNetwork
            try network.loadParameters(from: fileWithHeader(bytes))
        },
        FuzzTarget("authors-checkpoint") { bytes in
            var network = authorsNetwork
            try network.loadAuthorsParameters(from: fileWithHeader(bytes))
        },
        FuzzTarget("checkpoint") { bytes in
            var trainer = trainer(of: smallNetwork)
            try trainer.restore(from: fileWithHeader(bytes), settings: settings)
            let copy = InputFolder.path + "/copy"
            withoutError {
                try trainer.save(to: copy, settings: settings)
                try trainer.restore(from: copy, settings: settings)
            }
            // It trains on to the end, or says that its numbers are not finite any more.
            var display = ProgressDisplay.onStandardError(isQuiet: true)
            try trainer.train(on: data, epochCount: settings.epochCount, plan: plan, progress: &display)
        },
    ]

    /// A network that was accepted computes, if that takes no time.
    private static func checkLogits(of network: Network) {
        let configuration = network.configuration
        guard configuration.extents.reduce(1, *) <= 64, configuration.localKernelSizes.reduce(0, +) <= 64,
            configuration.inputChannels <= 16, configuration.blocks.count <= 4
        else { return }
        let shape = [1, configuration.inputChannels] + configuration.extents
        let input = Tensor(shape: shape, scalars: [Float](repeating: 1, count: shape.reduce(1, *)))
        let logits = network(input).logits
        precondition(logits.shape.first == 1 && logits.shape.contains(configuration.classCount))
    }

    /// A file of a header and data, which a byte of zero divides in the input.
    static func fileWithHeader(_ bytes: UnsafeRawBufferPointer) -> String {
        let end = bytes.firstIndex(of: 0) ?? bytes.count
        let header = UnsafeRawBufferPointer(rebasing: bytes[..<end])
        let data = UnsafeRawBufferPointer(rebasing: bytes[min(end + 1, bytes.count)...])
        return withUnsafeBytes(of: UInt64(end).littleEndian) { InputFolder.write([$0, header, data]) }
    }

    private static func readAll(_ path: String) throws {
        let file = try Safetensors(contentsOf: path)
        for name in file.names {
            precondition(file.contains(name))
            let count = try file.shape(of: name).reduce(1) {
                $0.multipliedReportingOverflow(by: $1).partialValue
            }
            if let tensor = try? file.tensor(named: name) { precondition(tensor.count == count) }
            if let doubles = try? file.doubles(named: name) { precondition(doubles.count == count) }
            if let integers = try? file.integers(named: name) { precondition(integers.count == count) }
        }
    }

    /// A network of a few parameters.
    static let smallNetwork: Network = {
        var numbers = RandomNumbers(seed: 1)
        return Network(smallConfiguration, using: &numbers)
    }()

    /// The same with the choices of the authors' code.
    static let authorsNetwork: Network = {
        var configuration = smallConfiguration
        configuration.extents = [4, 4]
        configuration.globalInteraction = .matrixProduct
        configuration.renormalization.isTrained = false
        configuration.evaluationStatistics = .batch
        configuration.gateOrder = .beforeStandardization
        configuration.keepsCanceledBiases = true
        configuration.spatialBias = .fixed
        var numbers = RandomNumbers(seed: 1)
        return Network(configuration, using: &numbers)
    }()

    static let smallConfiguration: NetworkConfiguration = {
        let json = """
            {"extents": [8], "inputChannels": 1, "classCount": 2, "blocks": [{"channels": 1, "expansion": 12, "globalLayers": 1}],
            "globalHidden": 2, "localSlowNet": {"hidden": 2, "layers": 1}, "channelSlowNet": {"hidden": 2, "layers": 1},
            "interactionChannelSlowNet": {"hidden": 2, "layers": 1}, "interactionSpatialSlowNet": {"hidden": 2, "layers": 1}}
            """
        let path = InputFolder.write(Array(json.utf8), to: "network.json")
        return try! NetworkConfiguration(contentsOf: path)
    }()

    static func trainer(of network: Network) -> Trainer<Network, Kar> {
        Trainer(
            network, optimizer: Kar.kar3(), schedule: settings.schedule, randomNumbers: RandomNumbers(seed: 1)
        )
    }

    static let data = DataSet(
        sampleShape: [1, 8], bytes: (0..<64).map { UInt8($0) }, labels: (0..<8).map { $0 % 2 }, classCount: 2)

    static let plan = BatchPlan(normalization: Normalization(of: data), trainingSize: settings.batchSize)

    static let settings = TrainingSettings(
        network: smallConfiguration, data: DataSummary(of: data), batchSize: 4, epochCount: 2,
        schedule: LearningRateSchedule(.warmUpThenCosine, base: 0.01, warmUpStepCount: 1, stepCount: 4),
        seed: 1)
}
