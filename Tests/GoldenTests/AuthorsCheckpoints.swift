import Tensors
import Terminator
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
}
