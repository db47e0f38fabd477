import Testing

@testable import Convolution

/// How much memory the engine takes beyond its operands: for each thread at most twelve times one row's transform.
///
/// It is so where plans choose transforms by themselves; small rows that are forced into lanes take more.
@Suite(.enabled(if: TransformChoice.current == TransformChoice(nil))) struct WorkspaceTests {
    private static let lengths =
        Array(1...200) + [255, 784, 1000, 4096, 5000, 16_384, 20_000, 70_001, 1 << 20]
    private static let sides = [1, 2, 3, 5, 8, 13, 32, 64, 100, 256, 500]

    private static func shapes(_ boundary: Boundary) -> [Shape] {
        let lines = lengths.flatMap { length in
            [1, (length + 1) / 2, length].map { Shape(signal: [length], kernel: [$0], boundary: boundary) }
        }
        let planes = sides.flatMap { height in
            sides.flatMap { width in
                [[1, 1], [(height + 1) / 2, (width + 1) / 2], [height, width]].map {
                    Shape(signal: [height, width], kernel: $0, boundary: boundary)
                }
            }
        }
        return (lines + planes).filter(\.exists)
    }

    private static func transform(
        _ shape: Shape
    ) throws -> (transform: SpectralTransform<Float>, key: PlanKey) {
        let plan: Plan<Float> = try (shape.spectralConvolution() as LongConvolution<Float>).plan
        guard case .spectral(let transform) = plan.method else { fatalError("expected a transform") }
        return (transform, plan.key)
    }

    /// A convolver holds two rows in work, two spectra and two rows of kernel, together at most six transforms; and for
    /// each thread that shares it two blocks and scratch, together at most six more: twelve a thread. Long lines share
    /// one convolver, whose blocks are a quarter of the row or less: six transforms, and half a one and a tile (of up to 256
    /// complex numbers) for each thread; one more for a ring, where rows don't lie on it in one task.
    @Test(arguments: Boundary.allCases)
    func convolvers(_ boundary: Boundary) throws {
        for shape in Self.shapes(boundary) {
            let (transform, key) = try Self.transform(shape)
            let size = Double(wholeCacheLines(2 * transform.sizes.spectrumCount))
            let usesRing = shape.boundary == .circular
            let isLong = shape.signal.count == 1 && shape.signal[0] >= 1 << 16
            for workerCount in [1, 2, 16] {
                let layout = SpectralRowConvolver<Float>.WorkspaceLayout(
                    transform.sizes, key, workerCount: workerCount)
                let bound =
                    isLong ? 6 + (usesRing ? 1.5 : 0.5) * Double(workerCount) : 6 + 6 * Double(workerCount)
                let tiles = Double(512 * workerCount)
                #expect(
                    Double(layout.count) <= bound * size + (isLong ? tiles : 0),
                    "\(shape), \(workerCount) threads")
            }
        }
    }

    /// The sizes for which a plan is refused are those of the transform that is built.
    @Test func sizesAreKnownBeforeBuilding() throws {
        for length in Array(1...300) + [1000, 4096, 8193, 20_000, 70_001, 200_000, 1 << 20] {
            for recipe in [
                RightAngleRecipe.best(atLeast: length).row, MixedRadixRecipe.best(atLeast: length),
            ] {
                let transform = try MixedRadixFFT<Float>(recipe, rigour: .estimate)
                #expect(transform.stride == MixedRadixFFT<Float>.stride(recipe), "\(recipe)")
                #expect(transform.tileCount * transform.tileWidth == recipe.length, "\(recipe)")
                #expect(
                    transform.offset(ofElement: recipe.length - 1) < MixedRadixFFT<Float>.stride(recipe),
                    "\(recipe)")
            }
        }
    }

    /// A transform of one row is little longer than the ring that the boundary needs (L + K - 1 reals and fewer): by
    /// the step to the next good length, and by whole cache lines. In lanes the good lengths are multiples of the square of
    /// the lanes, and the steps are up to half; the rows of planes are as long as that at least.
    @Test(arguments: Boundary.allCases)
    func transforms(_ boundary: Boundary) throws {
        for shape in Self.shapes(boundary) {
            let (transform, key) = try Self.transform(shape)
            let ring = key.axes.reduce(1) { $0 * $1.smallestPeriod }
            let isLine = shape.signal.count == 1
            // Small ones consist mostly of whole cache lines.
            guard isLine ? ring >= 1000 : shape.signal.allSatisfy({ $0 >= 64 }) else { continue }
            let reals = Double(2 * transform.sizes.spectrumCount)
            let bound = transform.laneLoops != nil ? (isLine ? 1.5 : 2.3) : isLine ? 1.25 : 1.6
            #expect(reals <= bound * Double(ring), "\(shape): \(reals / Double(ring))")
        }
    }

    /// What a call takes is what was planned for, for any number of threads; in a process of its own, as the number
    /// of threads is global.
    @Test func teams() async {
        await #expect(processExitsWith: .success) {
            for threads in [1, 2, 5, 16] {
                Threads.count = threads
                for shape in Shape.representatives {
                    let (transform, _) = try Self.transform(shape)
                    let size = wholeCacheLines(2 * transform.sizes.spectrumCount) * MemoryLayout<Float>.stride
                    let plan: Plan<Float> = try (shape.spectralConvolution() as LongConvolution<Float>).plan
                    for (rows, tasks) in [(1, 1), (1000, 1), (1000, 32), (100_000, 1000)] {
                        let team = try WorkerTeam(plan, rows: rows, tasks: tasks)
                        #expect(team.byteCount <= 12 * threads * size, "\(shape), \(threads) threads")
                    }
                }
            }
        }
    }

    /// Short kernels: two rows with what lies beyond their ends, and four kernels, each in whole cache lines.
    @Test(arguments: Boundary.allCases)
    func directRowConvolvers(_ boundary: Boundary) throws {
        for shape in Self.shapes(boundary) {
            let convolution: LongConvolution<Float> = try shape.convolution()
            guard case .direct = convolution.plan.method else { continue }
            let key = convolution.plan.key
            let row = key.axes.reduce(1) { $0 * ($1.output + 2 * ($1.kernel - 1)) }
            let bound = 2 * wholeCacheLines(row) + 4 * wholeCacheLines(key.count(.kernel))
            #expect(
                DirectRowConvolver<Float>(key).byteCount <= bound * MemoryLayout<Float>.stride, "\(shape)")
        }
    }

    /// Sums of a shared kernel's gradient: for each task where a kernel has several, of which at most a quarter of the rows
    /// have one, and fewer than 32 besides one for each kernel; and along the tree of groups for each thread one for each
    /// further level of a task's, three at most.
    @Test func sumsOfKernelGradients() {
        for channels in 1...70 {
            for batch in 1...300 {
                for signals in 1...3 {
                    for groups in [nil, BatchGroups(samples: batch)] {
                        let partition = WorkPartition(
                            pairing: .shared(batch: batch, channels: channels), signalCount: signals,
                            summing: groups)
                        #expect(partition.groups(of: 0).sumsAtOnce <= (groups == nil ? 1 : 4))
                        guard partition.tasksPerKernel > 1 else { continue }
                        #expect(
                            partition.taskCount < 32 + channels
                                && 4 * partition.taskCount <= signals * batch * channels,
                            "\(batch) samples, \(channels) channels, \(signals) signals")
                    }
                }
            }
        }
    }

    /// Tasks have all rows, each once, those of a kernel in the order of samples.
    @Test func tasksOfRows() {
        for channels in [1, 2, 5, 40] {
            for batch in Array(1...40) + [100] {
                for signals in 1...3 {
                    for groups in [nil, BatchGroups(samples: batch)] {
                        let partition = WorkPartition(
                            pairing: .shared(batch: batch, channels: channels), signalCount: signals,
                            summing: groups)
                        let rows = (0..<partition.taskCount).flatMap { task in
                            partition.rows(of: task).map { partition.row($0, of: task) }
                        }
                        let expected = (0..<channels).flatMap { channel in
                            (0..<batch).flatMap { sample in
                                (0..<signals).map { (signal: $0, row: sample * channels + channel) }
                            }
                        }
                        #expect(rows.elementsEqual(expected, by: ==))
                    }
                }
            }
        }
    }
}
