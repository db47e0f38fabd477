import Convolution
import Tensors

/// A convolution with a kernel as large as the signal, for all samples or for each: by the engine in both precisions
/// and by the tensor operation.
func reproduceConvolution(_ name: CaseName, boundary: Boundary) throws {
    var golden = try GoldenCase<Ignored>(name)
    let (signal, kernel) = (try golden["input/z"], try golden["input/kernel"])
    let upstream = try golden["upstream/y"]
    try golden.comparison.compareEngine(
        Float.self, signal: signal, kernel: kernel, upstream: upstream, boundary: boundary)
    try golden.comparison.compareEngine(
        Double.self, signal: signal, kernel: kernel, upstream: upstream, boundary: boundary)
    try golden.check {
        ["output/y": $0["input/z"].longConvolution(kernel: $0["input/kernel"], boundary: boundary)]
    }
}

/// One signal and one kernel in the modes of SciPy, and centered: by the engine in both precisions and by the tensor
/// operation.
func reproduceConvolutionModes(_ name: CaseName) throws {
    var golden = try GoldenCase<Ignored>(name)
    let (signal, kernel) = (try golden["input/signal"], try golden["input/kernel"])
    for (mode, _) in golden.all("output").sorted(by: { $0.key < $1.key }) {
        let key = "output/\(mode)"
        let (x, k, boundary) = try operands(signal, kernel, mode: mode)
        let output = windowed(x.longConvolution(kernel: k, boundary: boundary), signal, kernel, mode: mode)
        golden.comparison.compare(output, with: key)
        // SciPy's "same" is a window of the full convolution, not an output of the engine.
        guard mode != "same" else { continue }
        golden.comparison.compareEngine(
            try EngineCheck<Float>(signal: x, kernel: k, boundary: boundary).output(), with: key)
        golden.comparison.compareEngine(
            try EngineCheck<Double>(signal: x, kernel: k, boundary: boundary).output(), with: key)
    }
    golden.comparison.finish()
}

/// Signal `[1, 1, *S]`, kernel `[1, *K]` and boundary for a mode.
private func operands(_ signal: Tensor, _ kernel: Tensor, mode: String) throws -> (Tensor, Tensor, Boundary) {
    func shaped(_ signal: Tensor, _ kernel: Tensor, _ boundary: Boundary) -> (Tensor, Tensor, Boundary) {
        (signal.reshaped(to: [1, 1] + signal.shape), kernel.reshaped(to: [1] + kernel.shape), boundary)
    }
    switch mode {
    case "full", "same": return shaped(signal, kernel, .full)
    case "centred": return shaped(signal, kernel, .centred)
    case "valid":
        // SciPy exchanges the two where the kernel is the larger one.
        let isLarger = zip(kernel.shape, signal.shape).allSatisfy { $0 >= $1 }
        return isLarger ? shaped(kernel, signal, .valid) : shaped(signal, kernel, .valid)
    default: throw GoldenError("unknown mode '\(mode)'")
    }
}

/// For "same": as large as the signal, from (K - 1) / 2 on.
private func windowed(_ output: Tensor, _ signal: Tensor, _ kernel: Tensor, mode: String) -> Tensor {
    guard mode == "same" else { return output }
    return zip(signal.shape, kernel.shape).enumerated().reduce(output) { output, axis in
        let start = (axis.element.1 - 1) / 2
        return output.slice(alongAxis: axis.offset + 2, start..<start + axis.element.0)
    }
}
