import Convolution
import Tensors
import Training

/// Convolves rows that lie on the processes which `mpirun` started, and ends with an error unless output and gradients have
/// the bits that one process computes: `mpirun -n 3 .build/programs/DistributedConvolutionCheck`.
///
/// Numbers behind the name are exponents of further lengths, as 22 for 2^22.
@main enum DistributedConvolutionCheck {
    static func main() {
        let mpi: MPI
        do {
            mpi = try MPI.start()
        } catch {
            SingleProcess().abort(error.description)
        }
        let further = CommandLine.arguments.dropFirst().compactMap { Int($0) }.filter { 0...30 ~= $0 }
        var shapes = [
            Shape(batch: 1, channels: 1, length: 1, kernelLength: 1),
            Shape(batch: 2, channels: 3, length: 1000, kernelLength: 1000),
            Shape(batch: 9, channels: 2, length: 4099, kernelLength: 57),
            Shape(batch: 1, channels: 5, length: 65_536, kernelLength: 65_536),
        ]
        shapes += further.map { Shape(batch: 1, channels: 3, length: 1 << $0, kernelLength: 1 << $0) }
        for shape in shapes {
            mpi.setPhase("\(shape)")
            do {
                try check(shape, Float.self, mpi)
                if shape.length < 1 << 20 { try check(shape, Double.self, mpi) }
            } catch {
                mpi.abort("\(error)")
            }
        }
        mpi.end()
    }

    private struct Shape {
        let batch, channels, length, kernelLength: Int
    }

    private static func check<Scalar: ConvolutionScalar & BitwiseCopyable>(
        _ shape: Shape, _: Scalar.Type, _ mpi: MPI
    ) throws {
        // The same whole operands on all processes.
        var random = RandomNumbers(seed: 1)
        func noise(_ count: Int) -> [Scalar] {
            (0..<count).map { _ in
                Scalar(Float(Int32(truncatingIfNeeded: random.next() >> 40) - 1 << 23)) * 0x1p-23
            }
        }
        let rowCount = shape.batch * shape.channels
        let signal = noise(rowCount * shape.length), upstream = noise(rowCount * shape.length)
        let kernel = noise(shape.channels * shape.kernelLength)
        let clock = ContinuousClock()
        let before = mpi.traffic
        var results: [[Scalar]] = []
        let time = try clock.measure {
            results = try self.results(shape, signal, kernel, upstream, over: mpi)
        }
        let after = mpi.traffic
        let expected = try self.results(shape, signal, kernel, upstream, over: SingleProcess())
        // Each process compares its part.
        let whole = try DistributedConvolution<Scalar>(
            batch: shape.batch, channels: shape.channels, length: shape.length,
            kernelLength: shape.kernelLength,
            boundary: .causal, over: mpi)
        for (index, name) in ["output", "signal's gradient", "kernel's gradient"].enumerated() {
            let isKernel = index == 2
            let own = rows(
                expected[index], isKernel ? shape.kernelLength : shape.length,
                isKernel ? whole.taps : whole.samples)
            guard results[index].withUnsafeBytes({ found in own.withUnsafeBytes { found.elementsEqual($0) } })
            else {
                mpi.abort("\(shape), \(Scalar.self): the \(name) has other bits than that of one process")
            }
        }
        if mpi.rank == 0 {
            print(
                "\(mpi.size) processes, \(shape.batch)x\(shape.channels)x\(shape.length), \(Scalar.self): the same bits; "
                    + "\(time / .milliseconds(1)) ms, \(after.sentByteCount - before.sentByteCount) bytes sent by process 0"
            )
        }
        mpi.barrier()
    }

    /// A part of each row.
    private static func rows<Scalar>(_ values: [Scalar], _ length: Int, _ part: Range<Int>) -> [Scalar] {
        stride(from: 0, to: values.count, by: length).flatMap {
            values[$0 + part.lowerBound..<$0 + part.upperBound]
        }
    }

    /// This process's parts of the output and of both gradients.
    private static func results<Scalar: ConvolutionScalar>(
        _ shape: Shape, _ signal: [Scalar], _ kernel: [Scalar], _ upstream: [Scalar],
        over processes: any Communicator
    ) throws -> [[Scalar]] {
        let convolution = try DistributedConvolution<Scalar>(
            batch: shape.batch, channels: shape.channels, length: shape.length,
            kernelLength: shape.kernelLength,
            boundary: .causal, over: processes)
        let x = rows(signal, shape.length, convolution.samples)
        let g = rows(upstream, shape.length, convolution.samples)
        let k = rows(kernel, shape.kernelLength, convolution.taps)
        var (y, dx, dk) = (x, x, k)
        try x.withUnsafeBufferPointer { x in
            try k.withUnsafeBufferPointer { k in
                try y.withUnsafeMutableBufferPointer { try convolution.apply(x, kernel: k, into: $0) }
                try g.withUnsafeBufferPointer { g in
                    try dx.withUnsafeMutableBufferPointer { dx in
                        try dk.withUnsafeMutableBufferPointer { dk in
                            try convolution.gradients(
                                x, kernel: k, upstream: g, signalGradient: dx, kernelGradient: dk)
                        }
                    }
                }
            }
        }
        return [y, dx, dk]
    }
}
