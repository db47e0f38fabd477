import Convolution
import Tensors

/// A convolution with gates and a skip, those that the case has.
func reproduceGatedConvolution(_ name: CaseName) throws {
    struct Configuration: Decodable {
        let boundary: String
        let parts: [String]
    }
    var golden = try GoldenCase<Configuration>(name)
    let (boundary, parts) = (golden.configuration.boundary, golden.configuration.parts)
    guard let boundary = Boundary(rawValue: boundary) else { fatalError("no such boundary: \(boundary)") }
    try golden.check { table in
        func part(_ name: String) -> Tensor? { parts.contains(name) ? table["input/\(name)"] : nil }
        return [
            "output/y": table["input/u"].gatedLongConvolution(
                kernel: table["input/kernel"], boundary: boundary, skip: part("skip"),
                inputGate: part("inputGate"), outputGate: part("outputGate"))
        ]
    }
}

/// A kernel into the past and one into the future.
func reproduceBidirectionalConvolution(_ name: CaseName) throws {
    struct Configuration: Decodable { let lag: Int }
    var golden = try GoldenCase<Configuration>(name)
    let lag = golden.configuration.lag
    try golden.check { table in
        let kernel = Tensor.bidirectionalKernel(
            forward: table["input/forward"], backward: table["input/backward"], lag: lag)
        return ["output/y": table["input/u"].longConvolution(kernel: kernel, boundary: .centred)]
    }
}
