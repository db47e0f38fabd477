import Tensors
import Testing

@testable import Terminator

/// New parameters have the distributions of the authors' code.
@Suite struct InitializationTests {
    private let parameters: [String: Tensor] = {
        let network = network(.authorsCIFAR())
        return Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0.tensor) })
    }()

    /// Drawn uniformly in ± `bound`: none beyond, and the largest of many close to it.
    private func expectUniform(_ name: String, bound: Float) throws {
        let scalars = try #require(parameters[name]).scalars
        let largest = scalars.map(abs).max()!
        // The largest of n stays below 1 - t of the bound with probability (1 - t)ⁿ: with t = 20 / n, e⁻²⁰.
        #expect(largest <= bound && largest >= bound * (1 - 20 / Float(scalars.count)), "\(name)")
    }

    @Test func uniformWeights() throws {
        try expectUniform("blocks.1.globalSlowNet.linears.0.weight", bound: (3 / Float(64)).squareRoot())
        // Divided by the root of the kernel's 1024 samples.
        try expectUniform("blocks.3.globalSlowNet.output.weight", bound: (3 / Float(64)).squareRoot() / 32)
        try expectUniform("blocks.3.localSlowNets.1.output.weight", bound: (3 / Float(32)).squareRoot() / 9)
        try expectUniform(
            "blocks.2.localSlowNets.0.contextLinears.1.weight", bound: (3 / Float(32)).squareRoot())
        try expectUniform("blocks.4.kernelRGU.query.weight", bound: (3 / Float(144)).squareRoot())
        try expectUniform("blocks.4.localSlowNets.2.contextReduce.weight", bound: 1.0 / 12)
        try expectUniform("blocks.4.localSlowNets.2.contextMix.bias", bound: (1 / Float(32)).squareRoot())
    }

    /// Drawn from a normal distribution of variance 2 / (number of inputs).
    @Test(arguments: [
        ("blocks.3.bottleneck.weight", 72 * 11), ("blocks.4.channelMixer.weight", 144),
        ("blocks.4.localBranches.2.mixer.weight", 144), ("classifier.weight", 288),
    ])
    func normalWeights(name: String, inputs: Int) throws {
        let scalars = try #require(parameters[name]).scalars.map(Double.init)
        let variance = scalars.reduce(0) { $0 + $1 * $1 } / Double(scalars.count)
        // The mean of n squares has the relative deviation √(2 / n); five of them.
        let tolerance = 5 * (2 / Double(scalars.count)).squareRoot()
        #expect(abs(variance * Double(inputs) / 2 - 1) <= tolerance, "\(name)")
        #expect(scalars.map(abs).max()! > 2 * variance.squareRoot(), "\(name)")
    }

    @Test func constants() {
        for (name, tensor) in parameters {
            let path = name.split(separator: ".")
            let isLinear = path.dropLast(2).last.map { $0 == "linears" || $0 == "contextLinears" } ?? false
            let isContext = path.contains("contextReduce") || path.contains("contextMix")
            guard path.last != "weight", !isContext else { continue }
            #expect(tensor.scalars.allSatisfy { $0 == (isLinear ? 1 : 0) }, "\(name)")
        }
    }

    /// |uniform| · 2π omega · Gamma of shape 6 / (l + 1) over √2 has the mean π omega · 6 / (l + 1) / √2.
    @Test(arguments: [0, 1, 2])
    func authorsFrequencies(index: Int) {
        var numbers = RandomNumbers(seed: 4)
        let filter = SineFilter(
            hidden: 4096, extents: [8, 8], index: index, filterCount: 3, frequencies: .gamma(omega: 10),
            using: &numbers)
        let scalars = filter.weight.scalars
        let mean = scalars.reduce(0) { $0 + abs($1) } / Float(scalars.count)
        let shape = 6 / Float(index + 1)
        let expected = Float.pi * 10 * shape / Float(2).squareRoot()
        // E u² = 1/3 and E γ² = shape (shape + 1): the relative deviation of one is √(4 (shape + 1) / 3 shape - 1).
        let deviation = (4 * (shape + 1) / (3 * shape) - 1).squareRoot() / Float(scalars.count).squareRoot()
        #expect(abs(mean / expected - 1) <= 5 * deviation)
        #expect(scalars.contains { $0 < 0 } && scalars.contains { $0 > 0 })
    }
}
