import Tensors
import Terminator
import TestSupport
import Testing

@Suite struct AuthorsCheckpoints {
    /// The same weights under the authors' names make the same network.
    @Test(arguments: GoldenFolder.authorsStems)
    func makeTheSameNetwork(stem: String) throws {
        let name = try #require(GoldenFolder.cases.first { $0.stem == stem })
        let golden = try GoldenCase<GoldenConfiguration>(name)
        let ours = try goldenNetwork(golden)
        var randomNumbers = RandomNumbers(seed: 2)
        var theirs = Network(ours.configuration, using: &randomNumbers)
        try theirs.loadAuthorsParameters(from: GoldenFolder.url("\(stem).authors.safetensors").path)
        for ((parameter, expected), (_, found)) in zip(ours.parameters, theirs.parameters) {
            #expect(found.shape == expected.shape && found.scalars == expected.scalars, "\(parameter)")
        }
        let input = try golden["input/x"]
        #expect(theirs(input).logits.scalars == ours(input).logits.scalars)
    }

    /// What was read from a file is written back to the last bit: tensor by tensor the same names, shapes and scalars.
    @Test(arguments: GoldenFolder.authorsStems)
    func areWrittenAsTheyWere(stem: String) throws {
        let folder = try TemporaryFolder()
        let name = try #require(GoldenFolder.cases.first { $0.stem == stem })
        let network = try goldenNetwork(try GoldenCase<GoldenConfiguration>(name))
        try network.saveAuthorsParameters(to: folder.file("theirs"), prefix: "network.")
        let written = try Safetensors(contentsOf: folder.file("theirs"))
        let theirs = try Safetensors(
            contentsOf: GoldenFolder.url("\(stem).authors.safetensors").path)
        #expect(written.names.sorted() == theirs.names.sorted())
        for name in theirs.names {
            #expect(try written.shape(of: name) == theirs.shape(of: name), "\(name)")
            if name.hasSuffix("train_length") {
                #expect(try written.integers(named: name) == theirs.integers(named: name), "\(name)")
            } else {
                #expect(
                    try written.tensor(named: name).scalars.map(\.bitPattern)
                        == theirs.tensor(named: name).scalars.map(\.bitPattern), "\(name)")
            }
        }

        // And under our names.
        try network.saveParameters(to: folder.file("ours"))
        let ours = try Safetensors(contentsOf: folder.file("ours"))
        let golden = try Safetensors(contentsOf: GoldenFolder.url("\(stem).weights.safetensors").path)
        #expect(ours.names.sorted() == golden.names.sorted())
        for name in golden.names {
            #expect(
                try ours.tensor(named: name).scalars.map(\.bitPattern)
                    == golden.tensor(named: name).scalars.map(\.bitPattern), "\(name)")
        }
    }
}
