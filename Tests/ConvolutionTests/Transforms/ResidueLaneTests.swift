import CVectorLoops
import TestSupport
import Testing

@testable import Convolution

/// Residue-lane transforms of every vector width that this processor has, against direct sums.
@Suite struct ResidueLaneTests {
    private static let sets = [vl_baseline, vl_avx2, vl_avx512].filter {
        $0.rawValue <= vl_best_instruction_set().rawValue
    }

    private func recipe<Scalar: ConvolutionScalar>(
        _ steps: [Int], _ set: vl_instruction_set, _: Scalar.Type
    ) -> ResidueLaneRecipe {
        let lanes = Int(Scalar.laneLoops(set).pointee.lanes)
        return ResidueLaneRecipe(
            lanes: lanes, vectorBytes: lanes * MemoryLayout<Scalar>.stride, steps: steps)
    }

    private func convolution<Scalar: ConvolutionScalar>(
        _ shape: Shape, _ recipe: ResidueLaneRecipe, _ set: vl_instruction_set,
        splitFrom: Int = CostModel.shortestSplitLaneRow
    ) throws -> LongConvolution<Scalar> {
        let key = try shape.key(isAlwaysSpectral: true)
        let transform = ResidueLaneTransform<Scalar>(
            recipe: recipe, intervals: key.intervals(axis: 0), splitFrom: splitFrom, instructionSet: set)
        return LongConvolution(plan: Plan(key, method: .spectral(.residueLanes(transform))))
    }

    /// One kernel for two rows, in both precisions, each on rings of the given numbers of points.
    private func check(
        _ shape: Shape, using generator: inout SplitMix64, _ label: String,
        double: (LongConvolution<Double>, points: Int), float: (LongConvolution<Float>, points: Int)
    ) throws {
        let batch = Batch(shape.directMap, .shared(batch: 2, channels: 1), using: &generator)
        try batch.check(
            double.0, tolerance: transformTolerance(Double.self, points: double.points), label)
        try batch.check(float.0, tolerance: transformTolerance(Float.self, points: float.points), label)
    }

    /// Every radix as the first step and as the last, N that is and is not a multiple of the lanes, or one or two more.
    @Test(
        .releaseOnly,
        arguments: [
            [2], [3], [4], [5], [7], [8], [2, 2], [3, 2], [2, 3], [5, 3], [7, 2], [8, 2], [2, 8], [4, 4],
            [4, 3, 2],
            [7, 5], [5, 7], [8, 4], [4, 8], [4, 4, 3], [16], [2, 16], [16, 3], [3, 3], [5, 5], [3, 3, 2],
            [7, 7],
            [5, 5, 2],
        ])
    func rows(steps: [Int]) throws {
        var generator = SplitMix64.announced(seed: 0x7A)
        for set in Self.sets {
            let double = recipe(steps, set, Double.self), float = recipe(steps, set, Float.self)
            for boundary in Boundary.allCases {
                for shape in try Shape.rows(boundary, period: 2 * double.length) {
                    try check(
                        shape, using: &generator, "\(shape), \(steps), instruction set \(set.rawValue)",
                        double: (convolution(shape, double, set), 2 * double.length),
                        float: (convolution(shape, float, set), 2 * float.length))
                }
            }
        }
    }

    /// Rows that are cut into parts by their first step, in one task and in several.
    @Test func splitRows() throws {
        var generator = SplitMix64.announced(seed: 0x7E)
        for set in Self.sets {
            for first in [4, 5, 7, 8] {
                for parts in [1, 2] {
                    func split<Scalar: ConvolutionScalar>(_: Scalar.Type) throws -> ResidueLaneRecipe {
                        let lanes = Int(Scalar.laneLoops(set).pointee.lanes)
                        let rest = try #require(
                            ResidueLaneRecipe.steps(
                                of: lanes * parts, vectorBytes: lanes * MemoryLayout<Scalar>.stride))
                        let recipe = recipe([first] + rest, set, Scalar.self)
                        #expect(recipe.canBeSplit)
                        return recipe
                    }
                    let (double, float) = (try split(Double.self), try split(Float.self))
                    for boundary in [Boundary.causal, .centred, .circular] {
                        let shape = try #require(Shape.rows(boundary, period: 2 * double.length).last)
                        try check(
                            shape, using: &generator,
                            "\(shape), \(first) parts, instruction set \(set.rawValue)",
                            double: (convolution(shape, double, set, splitFrom: 0), 2 * double.length),
                            float: (convolution(shape, float, set, splitFrom: 0), 2 * float.length))
                    }
                }
            }
        }
    }

    /// Planes on the smallest ring with steps down the columns and on larger ones, and on the signal's own height.
    @Test(arguments: [Boundary.centred, .circular, .full, .valid], [Orientation.convolution, .correlation])
    func planes(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x7D)
        for (signal, kernel) in [
            ([6, 5], [4, 3]), ([7, 12], [7, 12]), ([11, 9], [1, 4]), ([1, 16], [1, 5]), ([16, 40], [9, 33]),
        ] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
            let smallest = try shape.axes()[0].smallestPeriod
            var heights = (max(2, smallest)...2 * smallest + 8).filter {
                ResidueLaneRecipe.steps(of: $0, vectorBytes: 64) != nil
            }
            heights = Array(heights.prefix(4))
            if try shape.axes()[0].isPeriodic { heights.append(signal[0]) }
            for steps in heights.compactMap({ ResidueLaneRecipe.steps(of: $0, vectorBytes: 64) })
            where !steps.isEmpty {
                for set in Self.sets {
                    try check(
                        shape, using: &generator, "\(shape), \(steps), instruction set \(set.rawValue)",
                        double: (planeConvolution(shape, steps, set), 4 * shape.pointCount),
                        float: (planeConvolution(shape, steps, set), 4 * shape.pointCount))
                }
            }
        }
    }

    private func planeConvolution<Scalar: ConvolutionScalar>(
        _ shape: Shape, _ columnSteps: [Int], _ set: vl_instruction_set
    ) throws -> LongConvolution<Scalar> {
        let key = try shape.key(isAlwaysSpectral: true)
        let lanes = Int(Scalar.laneLoops(set).pointee.lanes)
        let row = ResidueLaneRecipe.best(
            atLeast: (key.axes[1].smallestPeriod + 1) / 2, lanes: lanes,
            vectorBytes: lanes * MemoryLayout<Scalar>.stride)
        var columns = key.intervals(axis: 0)
        if columnSteps.reduce(1, *) == key.axes[0].signal {
            for index in columns.indices { columns[index].repeatCount = 0 }
        }
        let transform = LanePlaneTransform<Scalar>(
            recipe: LanePlaneRecipe(row: row, columnSteps: columnSteps), rowIntervals: key.intervals(axis: 1),
            columnIntervals: columns, instructionSet: set)
        return LongConvolution(plan: Plan(key, method: .spectral(.lanePlane(transform))))
    }

    /// Rows of several tiles and of parts that are transformed one after the other, against FFTW's transforms.
    @Test(arguments: [1000, 5000, 16_384, 32_000], [Boundary.causal, .centred, .circular])
    func longRows(length: Int, boundary: Boundary) throws {
        var generator = SplitMix64.announced(seed: 0x7B)
        let shape = Shape(signal: [length], kernel: [length / 2 + 7], boundary: boundary)
        let key = try shape.key()
        let operands = try Operands<Double>(shape, .shared(batch: 1, channels: 1), using: &generator)
        let expected = try operands.results(of: shape.convolution(by: .fftw))
        for set in Self.sets {
            func recipe<Scalar: ConvolutionScalar>(_: Scalar.Type) -> ResidueLaneRecipe {
                let lanes = Int(Scalar.laneLoops(set).pointee.lanes)
                return .best(
                    atLeast: (key.axes[0].smallestPeriod + 1) / 2, lanes: lanes,
                    vectorBytes: lanes * MemoryLayout<Scalar>.stride)
            }
            // Both sides have errors.
            let double = try Errors(
                of: operands.results(of: convolution(shape, recipe(Double.self), set)), operands,
                from: expected)
            #expect(double.largest <= 2 * transformTolerance(Double.self, points: shape.pointCount))
            let float = try Errors(
                of: Operands<Float>(operands).results(of: convolution(shape, recipe(Float.self), set)),
                operands,
                from: expected)
            #expect(float.largest <= transformTolerance(Float.self, points: shape.pointCount))
        }
    }

    /// No less accurate than FFTW's transforms by more than half: the root of the mean square of the errors of many rows.
    @Test(arguments: [256, 784, 1024, 4096, 16_384])
    func errorsAreThoseOfFFTW(length: Int) throws {
        var generator = SplitMix64.announced(seed: 0x7C)
        let shape = Shape(signal: [length], kernel: [length], boundary: .causal)
        let operands = try Operands<Float>(
            shape, .shared(batch: 1, channels: max(2, 20_000 / length)), using: &generator)
        let exact = try Operands<Double>(operands).results(of: shape.convolution())
        func errors(_ kind: TransformChoice.Kind) throws -> Errors {
            try Errors(of: operands.results(of: shape.convolution(by: kind)), from: exact)
        }
        let (lanes, fftw) = (try errors(.lanes), try errors(.fftw))
        #expect(lanes.largest <= 1.5 * fftw.largest, "\(lanes), FFTW \(fftw)")
    }

    /// Every length gets a recipe, at most twice as long, whose steps make it.
    @Test(arguments: [2, 4, 8, 16]) func recipes(lanes: Int) {
        for length in 1...3000 {
            let recipe = ResidueLaneRecipe.best(atLeast: length, lanes: lanes, vectorBytes: 16)
            #expect(recipe.length >= length && recipe.rowLength <= 2 * max(2, (length + lanes - 1) / lanes))
            #expect(recipe.steps.allSatisfy { [2, 3, 4, 5, 7, 8, 16].contains($0) }, "\(recipe)")
        }
    }

    /// The lengths that are tried are all that have steps.
    @Test func lengthsWithSteps() {
        for range in [1...1, 2...4, 7...14, 49...98, 100...101, 1000...2000, 2047...4096, 5...30_000] {
            #expect(
                ResidueLaneRecipe.lengths(in: range)
                    == range.filter { ResidueLaneRecipe.steps(of: $0, vectorBytes: 64) != nil }, "\(range)")
        }
    }
}
