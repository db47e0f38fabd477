import Convolution
import Foundation
import Measurement
import Tensors

/// Our side of the comparison: a problem, and the forms in which it is timed.
struct Candidate {
    /// What is timed.
    enum Form: String, CaseIterable {
        /// The engine on buffers: output and all gradients.
        case engine
        /// The same through tensors and reverse-mode differentiation, as a network computes it.
        case tensors
        /// The engine's output alone, for peers without gradients.
        case forward
    }

    private let problem: Problem
    /// The problem with its gates, if it has any.
    private let gated: GatedProblem?
    private let operands: Operands
    private let upstream: Tensor

    /// - Throws: When the inputs cannot be read, or are of another size than the workload's.
    init(_ workload: Workload, inputs: URL, rigour: Rigour) throws {
        let problem = try Problem(workload, rigour: rigour)
        let gated = workload.isGated ? GatedProblem(problem) : nil
        let signalShape = [workload.batch, workload.channels] + workload.extents
        let kernelShape =
            (workload.kernels == .shared ? [] : [workload.batch]) + [workload.channels]
            + workload.kernelExtents
        func tensor(_ name: String, _ buffer: UnsafeMutableBufferPointer<Float>, _ shape: [Int]) throws
            -> Tensor
        {
            try read(inputs.appending(path: name + ".f32"), into: buffer)
            return Tensor(shape: shape, scalars: Array(buffer))
        }
        operands = Operands(
            signal: try tensor("signal", problem.signal, signalShape),
            kernel: try tensor("kernel", problem.kernel, kernelShape),
            gates: try gated.map {
                GateTensors(
                    input: try tensor("input_gate", $0.inputGate, signalShape),
                    output: try tensor("output_gate", $0.outputGate, signalShape),
                    skip: try tensor("skip", $0.skip, [workload.channels]))
            })
        upstream = try tensor("upstream", problem.upstream, signalShape)
        (self.problem, self.gated) = (problem, gated)
    }

    /// Computes everything once and writes the results.
    func writeResults(to directory: URL) throws {
        try computeOutput(isTraining: true)
        try computeGradients()
        var results = [
            "output": problem.output, "signal_gradient": problem.signalGradient,
            "kernel_gradient": problem.kernelGradient,
        ]
        if let gated {
            results["input_gate_gradient"] = gated.inputGateGradient
            results["output_gate_gradient"] = gated.outputGateGradient
            results["skip_gradient"] = gated.skipGradient
        }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, buffer) in results {
            try Data(buffer: buffer).write(to: directory.appending(path: name + ".f32"))
        }
    }

    /// The time of one call, as `milliseconds(atLeast:after:of:)` takes it.
    func time(_ form: Form) throws -> Double {
        switch form {
        case .engine:
            try milliseconds {
                try computeOutput(isTraining: true)
                try computeGradients()
            }
        case .tensors: milliseconds { differentiate() }
        case .forward: try milliseconds { try computeOutput(isTraining: false) }
        }
    }

    private func computeOutput(isTraining: Bool) throws {
        if let gated { try gated.computeOutput(isTraining: isTraining) } else { try problem.computeOutput() }
    }

    private func computeGradients() throws {
        if let gated { try gated.computeGradients() } else { try problem.computeGradients() }
    }

    private func differentiate() {
        let (boundary, upstream) = (problem.workload.boundary, upstream)
        _ = valueAndGradient(at: operands) { operands in
            let (signal, kernel) = (operands.signal, operands.kernel)
            let output =
                if let gates = operands.gates {
                    signal.gatedLongConvolution(
                        kernel: kernel, boundary: boundary, skip: gates.skip, inputGate: gates.input,
                        outputGate: gates.output)
                } else {
                    signal.longConvolution(kernel: kernel, boundary: boundary)
                }
            // A loss whose derivative with respect to the output is the upstream cotangent.
            return Tensor(shape: [], repeating: 0).recorded(from: output) { _ in [upstream] }
        }
    }
}

/// What gradients are taken with respect to.
private struct Operands: Module {
    var signal: Tensor
    var kernel: Tensor
    var gates: GateTensors?

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try body("signal", &signal)
        try body("kernel", &kernel)
        try gates?.forEachParameter(body)
    }
}

/// The operands of a gated convolution besides signal and kernel.
private struct GateTensors: Module {
    var input: Tensor
    var output: Tensor
    var skip: Tensor

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try body("input gate", &input)
        try body("output gate", &output)
        try body("skip", &skip)
    }
}

/// Fills a buffer from a file of as many scalars in this machine's byte order.
private func read(_ file: URL, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    let data = try Data(contentsOf: file, options: .alwaysMapped)
    let expected = buffer.count * MemoryLayout<Float>.stride
    guard data.copyBytes(to: buffer) == expected, data.count == expected else {
        throw InputError(file: file.path, expected: expected, found: data.count)
    }
}

/// A file of inputs is of the wrong size.
private struct InputError: Error, CustomStringConvertible {
    let file: String
    let expected: Int
    let found: Int

    var description: String { "\(file): expected \(expected) bytes, found \(found)" }
}
