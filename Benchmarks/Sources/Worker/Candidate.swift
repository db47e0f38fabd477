import Convolution
import Foundation
import Measurement
import Tensors

/// Our side of the comparison: a problem, and the forms in which it is timed.
struct Candidate {
    /// What is timed.
    enum Form: String, CaseIterable {
        /// The engine on buffers: output and both gradients.
        case engine
        /// The same through tensors and reverse-mode differentiation, as a network computes it.
        case tensors
        /// The engine's output alone, for peers without gradients.
        case forward
    }

    private let problem: Problem
    private let operands: Operands
    private let upstream: Tensor

    /// - Throws: When the inputs cannot be read, or are of another size than the workload's.
    init(_ workload: Workload, inputs: URL, rigour: Rigour) throws {
        problem = try Problem(workload, rigour: rigour)
        try read(inputs.appending(path: "signal.f32"), into: problem.signal)
        try read(inputs.appending(path: "kernel.f32"), into: problem.kernel)
        try read(inputs.appending(path: "upstream.f32"), into: problem.upstream)
        let signalShape = [workload.batch, workload.channels] + workload.extents
        let kernelShape = workload.kernels == .shared ? Array(signalShape.dropFirst()) : signalShape
        operands = Operands(
            signal: Tensor(shape: signalShape, scalars: Array(problem.signal)),
            kernel: Tensor(shape: kernelShape, scalars: Array(problem.kernel)))
        upstream = Tensor(shape: signalShape, scalars: Array(problem.upstream))
    }

    /// Computes everything once and writes the results.
    func writeResults(to directory: URL) throws {
        try problem.computeOutput()
        try problem.computeGradients()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(buffer: problem.output).write(to: directory.appending(path: "output.f32"))
        try Data(buffer: problem.signalGradient).write(to: directory.appending(path: "signal_gradient.f32"))
        try Data(buffer: problem.kernelGradient).write(to: directory.appending(path: "kernel_gradient.f32"))
    }

    /// The time of one call, as `milliseconds(atLeast:of:)` takes it.
    func time(_ form: Form) throws -> Double {
        switch form {
        case .engine:
            try milliseconds {
                try problem.computeOutput()
                try problem.computeGradients()
            }
        case .tensors: milliseconds { differentiate() }
        case .forward: try milliseconds { try problem.computeOutput() }
        }
    }

    private func differentiate() {
        let (boundary, upstream) = (problem.workload.boundary, upstream)
        _ = valueAndGradient(at: operands) { operands in
            let output = operands.signal.longConvolution(kernel: operands.kernel, boundary: boundary)
            // A loss whose derivative with respect to the output is the upstream cotangent.
            return Tensor(shape: [], repeating: 0).recorded(from: output) { _ in [upstream] }
        }
    }
}

/// What gradients are taken with respect to.
private struct Operands: Module {
    var signal: Tensor
    var kernel: Tensor

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try body("signal", &signal)
        try body("kernel", &kernel)
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
