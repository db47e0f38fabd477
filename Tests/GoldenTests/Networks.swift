import Tensors
import Testing

@testable import Terminator

/// A whole network: what it computes, its gradients, and three training steps with each form of Kar.
func reproduceNetwork(_ name: CaseName) throws {
    var golden = try GoldenCase<GoldenConfiguration>(name)
    let network = try goldenNetwork(golden)
    let (input, labels) = (try golden["input/x"], golden.labels)

    let (_, gradient, output) = valueAndGradient(at: network) { loss(of: $0, on: input, labels: labels) }
    let losses = output.losses
    golden.comparison.compare(output.logits, with: "output/logits")
    golden.comparison.compare(Tensor(losses[0]), with: "output/crossEntropy")
    golden.comparison.compare(Tensor(losses[1]), with: "output/slowNeuralLoss")
    golden.comparison.compare(
        weightNormPenalty(of: network.parametersByPath), with: "output/weightNormPenalty")
    for (index, (features, kernel)) in zip(output.features, output.kernels).enumerated() {
        golden.comparison.compare(features, with: "trace/block\(index)")
        golden.comparison.compare(kernel, with: "trace/globalKernel\(index)")
    }
    for (parameter, _) in network.parameters {
        golden.comparison.compare(gradient[parameter], with: "gradient/\(parameter)")
    }
    guard let short = golden.sidecar.kar3Betas, let long = golden.sidecar.kar2Beta,
        let rate = golden.sidecar.lr
    else { throw GoldenError("\(name) says nothing of the optimizers") }
    for (label, decays) in [("kar3", short), ("kar2", [long])] {
        let training = TrainingCheck(
            label: label, rate: rate, input: input, labels: labels,
            order: try parameterOrder(stem: name.stem))
        try training.run(network, optimizer: Kar(decays: decays), golden: &golden)
    }
    golden.comparison.finish()
}

/// A trained network: its logits and the accuracy.
func reproduceTrainedNetwork(_ name: CaseName) throws {
    var golden = try GoldenCase<GoldenConfiguration>(name)
    let logits = try goldenNetwork(golden)(try golden["input/x"]).logits
    golden.comparison.compare(logits, with: "output/logits")
    if let accuracy = golden.sidecar.accuracy {
        let classes = logits.shape[1]
        let rows = logits.scalars
        let correct = golden.labels.enumerated().count { sample, label in
            let row = rows[sample * classes..<(sample + 1) * classes]
            return row.max() == row[row.startIndex + label]
        }
        // No sample of these is so undecided that rounding decides.
        #expect(Double(correct) / Double(golden.labels.count) == accuracy, "\(name): accuracy")
    }
    golden.comparison.finish()
}

func goldenNetwork(_ golden: GoldenCase<GoldenConfiguration>) throws -> Network {
    var randomNumbers = RandomNumbers(seed: 1)
    var network = Network(try golden.configuration.network(), using: &randomNumbers)
    try network.loadParameters(from: GoldenFolder.url("\(golden.name.stem).weights.safetensors").path)
    return network
}

/// What is compared of a pass.
private struct Pass {
    let logits: Tensor
    let features: [Tensor]
    let kernels: [Tensor]
    /// Cross entropy and slow neural loss.
    let losses: [Float]
}

private func loss(of network: Network, on input: Tensor, labels: [Int]) -> (Tensor, Pass) {
    let output = network(input)
    let crossEntropy = output.logits.crossEntropy(labels: labels, smoothing: 0.09)
    let slow = slowNeuralLoss(kernels: output.kernels)
    let pass = Pass(
        logits: output.logits.detached, features: output.features.map(\.detached),
        kernels: output.kernels.map(\.detached), losses: [crossEntropy.scalar, slow.scalar])
    return (crossEntropy + slow, pass)
}

/// Three steps of an optimizer from the golden weights.
private struct TrainingCheck {
    let label: String
    let rate: Float
    let input: Tensor
    let labels: [Int]
    let order: [String]

    func run(_ network: Network, optimizer: Kar, golden: inout GoldenCase<GoldenConfiguration>) throws {
        var (network, optimizer) = (network, optimizer)
        let start = flattened(network)
        var losses: [Float] = []
        for step in 1...3 {
            let (_, gradient, pass) = valueAndGradient(at: network) {
                loss(of: $0, on: input, labels: labels)
            }
            losses += pass.losses
            optimizer.update(&network, along: gradient, rate: rate)
            if golden.tensors["\(label)/step\(step)"] != nil {
                try check(flattened(network), from: start, step: step, golden: &golden)
            }
        }
        losses += loss(of: network, on: input, labels: labels).1.losses
        golden.comparison.compare(Tensor(shape: [4, 2], scalars: losses), with: "\(label)/losses")
    }

    /// Where the mask is 1, at least 99.8 % of the parameters must agree; where it is 0, the gradient's sign is
    /// beyond `Float`, and a parameter must only have moved by a multiple of the rate, at most three for each step.
    private func check(
        _ found: [Float], from start: [Float], step: Int, golden: inout GoldenCase<GoldenConfiguration>
    ) throws {
        let key = "\(label)/step\(step)"
        let expected = try golden[key].scalars
        let mask = try golden["\(key).stable"].scalars
        let tolerance = try #require(golden.comparison.entries[key]?.tolerance)
        #expect(
            found.count == expected.count && mask.count == expected.count, "\(golden.name): size of \(key)")
        guard found.count == expected.count, mask.count == expected.count else { return }
        var (stable, agreeing, strayed) = (0, 0, 0)
        for index in found.indices {
            if mask[index] == 1 {
                stable += 1
                if abs(found[index] - expected[index]) <= tolerance { agreeing += 1 }
            } else {
                let moved = (found[index] - start[index]) / rate
                let isMultiple = abs(moved - moved.rounded()) * rate <= tolerance
                if !(isMultiple && abs(moved.rounded()) <= Float(3 * step)) { strayed += 1 }
            }
        }
        #expect(strayed == 0, "\(golden.name): parameters that moved by no multiple of the rate, \(key)")
        // As an error: the share that does not agree, with 0.2 % as its tolerance.
        golden.comparison.note(
            1 - Float(agreeing) / Float(max(1, stable)), tolerance: 0.002, key: key)
    }

    private func flattened(_ network: Network) -> [Float] {
        let tensors = Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0.tensor) })
        return order.flatMap { tensors[$0]?.scalars ?? [] }
    }
}
