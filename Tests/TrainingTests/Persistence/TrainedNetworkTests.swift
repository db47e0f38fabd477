import Foundation
import Tensors
import Terminator
import TestSupport
import Testing

@testable import Training

@Suite struct TrainedNetworkTests {
    let folder: TemporaryFolder
    let trained: TrainedNetwork

    init() throws {
        folder = try TemporaryFolder()
        var randomNumbers = RandomNumbers(seed: 3)
        trained = TrainedNetwork(
            Network(.digits(form: .image), using: &randomNumbers),
            normalization: Normalization(means: [0.3], deviations: [0.4]))
    }

    @Test func comesBackFromAFile() throws {
        let file = folder.path + "/model.safetensors"
        try trained.save(to: file)
        for read in [
            try TrainedNetwork(contentsOf: file),
            try TrainedNetwork(contentsOf: file, expecting: .digits(form: .image)),
        ] {
            #expect(read.network.configuration == trained.network.configuration)
            #expect(read.normalization == trained.normalization)
            for (read, saved) in zip(read.network.parameters, trained.network.parameters) {
                #expect(read.name == saved.name && read.tensor.scalars == saved.tensor.scalars)
            }
        }
    }

    @Test func refusesAnotherNetwork() throws {
        let file = folder.path + "/model.safetensors"
        try trained.save(to: file)
        #expect {
            try TrainedNetwork(contentsOf: file, expecting: .digits(form: .sequence))
        } throws: { error in
            // The first parameter that has an axis for each of space.
            guard case .shape(file, let parameter, let expected, let found)? = error as? CheckpointError
            else {
                return false
            }
            return parameter == "blocks.0.globalSlowNet.filters.0.weight" && expected == [32, 1]
                && found == [32, 2]
        }
    }

    /// Metadata come from outside: constants that would divide by zero or trap later are refused.
    @Test(arguments: [
        nil, "", "{}", #"{"means":[0.5],"deviations":[0]}"#, #"{"means":[0.5],"deviations":[-1]}"#,
        #"{"means":[0.5,0.5],"deviations":[1]}"#, #"{"means":[0.5,0.5],"deviations":[1,1]}"#,
        #"{"means":[1e39],"deviations":[1]}"#, #"{"means":[0],"deviations":[1e400]}"#,
        #"{"means":[0],"deviations":[1e-400]}"#, #"{"means":[NaN],"deviations":[1]}"#,
        #"{"means":[0],"deviations":[Infinity]}"#, #"{"means":[],"deviations":[]}"#,
    ]) func refusesImpossibleNormalizations(text: String?) throws {
        let file = folder.path + "/model.safetensors"
        try trained.network.save(
            to: file, metadata: text.map { [TrainedNetwork.normalizationKey: $0] } ?? [:])
        #expect {
            try TrainedNetwork(contentsOf: file)
        } throws: { error in
            if case .configuration(file, _)? = error as? CheckpointError { true } else { false }
        }
    }
}
