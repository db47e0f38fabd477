import TestSupport
import Testing

@testable import Convolution

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// Every size is planned soon and in little memory, or refused by an error.
@Suite struct SizeTests {
    /// Extents about all limits: of leaves, of columns in two steps, of memory, of 32 bits, of overflow.
    private static let extents =
        [1, 3, 2048, 8 * 8 * 2048 + 1, 1 << 25, 3 * 3 * 3 * 5 * 5 * 5 * 7 * 7 * 7, 1 << 29]
        + [1 << 32, (1 << 33) - 1, 1 << 45, Int.max / 64, Int.max]

    private static func isRefusal(_ error: ConvolutionError) -> Bool {
        switch error {
        case .sizeOverflow, .insufficientMemory: true
        default: false
        }
    }

    /// Plans without keeping the plan.
    private static func plan(_ shape: Shape) throws {
        do throws(ConvolutionError) {
            let axes = try shape.axesOrError()
            _ = try Plan<Float>(PlanKey(axes: axes, orientation: shape.orientation, rigour: .estimate))
        } catch {
            #expect(isRefusal(error), "\(shape): \(error)")
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: Boundary.allCases)
    func everyRowIsPlannedOrRefused(_ boundary: Boundary) throws {
        for length in Self.extents {
            for kernelLength in Set([1, 24, 25, length / 2, length]) where (1...length).contains(kernelLength)
            {
                try Self.plan(Shape(signal: [length], kernel: [kernelLength], boundary: boundary))
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [Boundary.centred, .circular, .full, .valid])
    func everyPlaneIsPlannedOrRefused(_ boundary: Boundary) throws {
        for height in Self.extents {
            for width in Self.extents {
                for kernel in Set([
                    [1, 1], [height, width], [max(height / 2, 1), 1], [1, max(width / 2, 1)],
                ]) {
                    try Self.plan(Shape(signal: [height, width], kernel: kernel, boundary: boundary))
                }
            }
        }
    }

    /// Planning takes tables and no arrays: of a tall column of 8 numbers abreast, each of 8 bytes, a table has an
    /// offset of 8 bytes and twiddle factors of 8 · (1 + 1/8 + ...) bytes for each block of at least 128 elements, and
    /// of those a workspace has six columns, so that a hundredth is plenty. In a process of its own, whose memory only
    /// grows by what is planned.
    @Test(.timeLimit(.minutes(1)))
    func tallPlanesArePlannedInLittleMemory() async {
        await #expect(processExitsWith: .success) {
            func peak() -> Int {
                var usage = rusage()
                #if os(Linux)
                getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
                return usage.ru_maxrss * 1024
                #else
                getrusage(RUSAGE_SELF, &usage)
                return usage.ru_maxrss
                #endif
            }
            for height in [1 << 20, 1 << 23] {
                let before = peak()
                let key = try Shape(signal: [height, 1], kernel: [height / 2, 1], boundary: .full).key()
                let plan = try Plan<Float>(key)
                guard case .spectral(let transform) = plan.method else { fatalError("expected a transform") }
                let workspace = SpectralRowConvolver<Float>.WorkspaceLayout(
                    transform.sizes, key, workerCount: 1
                ).byteCount
                // What planning takes besides depends on no size.
                #expect(peak() - before <= workspace / 100 + 4 << 20, "\(height) by 1")
            }
        }
    }

    /// Columns that two steps don't reach: in leaves that FFTW does well, on the signal's own ring where that is one of
    /// these lengths, and otherwise on one that is little longer than need be.
    @Test func tallColumns() throws {
        var generator = SplitMix64.announced(seed: 0x5C)
        let longest = MixedRadixRecipe.leaves.max()!
        for _ in 0..<200 {
            let height = Int.random(in: 131_073...(1 << 40), using: &generator)
            for kernel in [1, 2, height / 3, height] {
                for boundary in [Boundary.centred, .circular, .full, .valid] {
                    let axis = try Axis(signal: height, kernel: kernel, boundary: boundary)
                    let recipe = MixedRadixRecipe.forColumns(axis)
                    #expect(recipe.leaf <= longest, "\(axis)")
                    // Lengths of 1024, 1280 and 2048 times a power of two: the greatest step is 1.6.
                    #expect(
                        boundary == .circular && recipe.length == height
                            || recipe.length >= axis.smallestPeriod
                                && Double(recipe.length) <= 1.6 * Double(axis.smallestPeriod),
                        "\(axis)")
                }
            }
        }
        for height in [3 << 16, 1 << 20, 5 << 18, 1 << 40] {
            let recipe = MixedRadixRecipe.forColumns(
                try Axis(signal: height, kernel: height, boundary: .circular))
            #expect(recipe.length == height && recipe.leaf <= longest)
        }
    }

    /// A column of a plane is a row: of heights beyond two steps, one of which is a ring of its own, one has no recipe
    /// of its own length, and one is a prime.
    @Test(arguments: [Boundary.centred, .circular, .full, .valid], [3 << 16, 177_147, 200_003])
    func tallPlanes(_ boundary: Boundary, height: Int) throws {
        var generator = SplitMix64.announced(seed: 0x5D)
        for kernelHeight in [height / 2 + 1] {
            let line = Shape(signal: [height], kernel: [kernelHeight], boundary: boundary)
            let plane = Shape(signal: [height, 2], kernel: [kernelHeight, 1], boundary: boundary)
            let operands = try [0, 1].map { _ in
                try Operands<Double>(line, .shared(batch: 1, channels: 1), using: &generator)
            }
            let kernel = operands[0].kernel
            func columns(_ rows: KeyPath<Operands<Double>, [Double]>) -> [Double] {
                zip(operands[0][keyPath: rows], operands[1][keyPath: rows]).flatMap { [$0, $1] }
            }
            func column(_ number: Int, of plane: [Double]) -> [Double] {
                stride(from: number, to: plane.count, by: 2).map { plane[$0] }
            }
            let results = try Operands(
                pairing: .shared(batch: 1, channels: 1), signal: columns(\.signal), kernel: kernel,
                upstream: columns(\.upstream)
            ).results(of: plane.convolution())
            // Both sides have errors.
            let tolerance = 2 * transformTolerance(Double.self, points: 2 * line.pointCount)
            var kernelGradient = [Double](repeating: 0, count: kernelHeight)
            var scale = 0.0
            for number in 0..<2 {
                var alone = operands[number]
                alone.kernel = kernel
                let expected = try alone.results(of: line.convolution())
                // A spectrum holds both columns, so the error of one is relative to both.
                let signal = norm(columns(\.signal)), upstream = norm(columns(\.upstream))
                #expect(
                    distance(column(number, of: results.output), expected.output)
                        <= tolerance * signal * norm(kernel), "output of \(plane)")
                #expect(
                    distance(column(number, of: results.signalGradient), expected.signalGradient)
                        <= tolerance * upstream * norm(kernel), "signal gradient of \(plane)")
                for index in kernelGradient.indices {
                    kernelGradient[index] += expected.kernelGradient[index]
                }
                scale = signal * upstream
            }
            #expect(
                distance(results.kernelGradient, kernelGradient) <= tolerance * scale,
                "kernel gradient of \(plane)")
        }
    }

    /// What cannot be done is refused before anything is written: these buffers are not really there.
    @Test func gradientsAreUntouchedWhereMemoryRunsOut() async {
        await #expect(processExitsWith: .success) {
            let convolution = try LongConvolution<Double>(length: 64, kernelLength: 64, boundary: .causal)
            let batch = 1 << 40
            let somewhere = UnsafeMutablePointer<Double>(bitPattern: 4096)!
            let rows = UnsafeMutableBufferPointer(start: somewhere, count: 64 * batch)
            let one = UnsafeMutableBufferPointer(start: somewhere, count: 64)
            let signals = Array(repeating: UnsafeBufferPointer(rows), count: 2)
            do throws(ConvolutionError) {
                try convolution.gradients(
                    signals, kernel: UnsafeBufferPointer(one), .dense(batch: batch, inputs: 1, outputs: 1),
                    upstreams: [UnsafeBufferPointer(rows), nil], signalGradients: [rows, rows],
                    kernelGradient: one)
                Issue.record("expected an error")
            } catch {
                #expect(SizeTests.isRefusal(error), "\(error)")
            }
        }
    }
}

extension Shape {
    /// ``axes()`` with its error's type.
    fileprivate func axesOrError() throws(ConvolutionError) -> [Axis] {
        var axes: [Axis] = []
        for (signal, kernel) in zip(signal, kernel) {
            axes.append(try Axis(signal: signal, kernel: kernel, boundary: boundary))
        }
        return axes
    }
}
