import Tensors
import Terminator

func reproduceLoss(_ name: CaseName) throws {
    struct Configuration: Decodable {
        let smoothing, coefficient: Float?
    }
    var golden = try GoldenCase<Configuration>(name)
    let (configuration, labels) = (golden.configuration, golden.labels)
    let kernelNames = golden.all("input").keys.filter { $0.hasPrefix("kernel") }
    try golden.check { table in
        switch name.name.prefix(while: \.isLetter) {
        case "crossEntropy":
            let smoothing = configuration.smoothing ?? .nan
            return ["output/loss": table["input/logits"].crossEntropy(labels: labels, smoothing: smoothing)]
        case "slow":
            let kernels = (0..<kernelNames.count).map { table["input/kernel\($0)"] }
            return ["output/loss": slowNeuralLoss(kernels: kernels)]
        case "penalty":
            let parameters = table.parameters.map {
                (path: penaltyPaths[String($0.name.dropFirst("weight/".count))]!, tensor: $0.tensor)
            }
            // Stored ten thousandfold.
            let coefficient = configuration.coefficient ?? .nan
            return ["output/loss": 1e4 * weightNormPenalty(of: parameters, coefficient: coefficient)]
        default: throw GoldenError("unknown loss '\(name.name)'")
        }
    }
}

/// The paths of a network that has every parameter there can be, by name.
private let penaltyPaths: [String: NetworkPath] = {
    var randomNumbers = RandomNumbers(seed: 1)
    let network = Network(
        .authors(
            extents: [4, 4], inputChannels: 1, classCount: 2,
            blocks: [BlockConfiguration(channels: 1, expansion: 12)]), using: &randomNumbers)
    return Dictionary(uniqueKeysWithValues: network.parametersByPath.map { ($0.path.name, $0.path) })
}()

func reproduceOptimizer(_ name: CaseName) throws {
    switch name.name.prefix(while: \.isLetter) {
    case "kar": try reproduceKar(name)
    case "schedule": try reproduceSchedule(name)
    default: throw GoldenError("unknown optimizer '\(name.name)'")
    }
}

private func reproduceKar(_ name: CaseName) throws {
    struct Configuration: Decodable {
        let lr: Float
        let betas: [Float]
    }
    var golden = try GoldenCase<Configuration>(name)
    let gradients = try golden["input/gradients"]
    let steps = gradients.shape[0]
    var table = TensorTable(["p": try golden["input/parameter"]])
    var optimizer = Kar(decays: golden.configuration.betas)
    var rows: [Tensor] = []
    for step in 0..<steps {
        let row = gradients.slice(alongAxis: 0, step..<step + 1).reshaped(to: table["p"].shape)
        // The gradient of ⟨p, row⟩ is the row.
        let (_, gradient) = valueAndGradient(at: table) { ($0["p"] * row).sum() }
        optimizer.update(&table, along: gradient, rate: golden.configuration.lr)
        rows.append(table["p"].reshaped(to: [1, table["p"].count]))
    }
    golden.comparison.compare(.concatenated(rows, alongAxis: 0), with: "output/parameters")
    optimizer.forEachState { state, tensor in
        golden.comparison.compare(tensor, with: "output/\(state.replacing(".p", with: ""))")
    }
    golden.comparison.finish()
}

private func reproduceSchedule(_ name: CaseName) throws {
    struct Configuration: Decodable { let warmup, total: Int }
    var golden = try GoldenCase<Configuration>(name)
    let (warmUp, total) = (golden.configuration.warmup, golden.configuration.total)
    let schedule = LearningRateSchedule(.authors, base: 1, warmUpStepCount: warmUp, stepCount: total)
    let rates = Tensor(shape: [total], scalars: (0..<total).map(schedule.rate(atStep:)))
    golden.comparison.compare(rates, with: "output/rate")
    golden.comparison.finish()
}
