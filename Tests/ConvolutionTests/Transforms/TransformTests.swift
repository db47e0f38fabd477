import TestSupport
import Testing

@testable import Convolution

/// Each transform with recipes that small shapes would not choose, against direct sums.
@Suite struct TransformTests {
    /// One kernel for two rows, in both precisions, by the given plans.
    private func check(
        _ shape: Shape, using generator: inout SplitMix64, points: Int, _ recipe: String,
        double: SpectralTransform<Double>, float: SpectralTransform<Float>
    ) throws {
        let batch = Batch(shape.directMap, .shared(batch: 2, channels: 1), using: &generator)
        let key = try shape.key(isAlwaysSpectral: true)
        try batch.check(
            LongConvolution<Double>(plan: Plan(key, method: .spectral(double))),
            tolerance: transformTolerance(Double.self, points: points), "\(shape), \(recipe)")
        try batch.check(
            LongConvolution<Float>(plan: Plan(key, method: .spectral(float))),
            tolerance: transformTolerance(Float.self, points: points), "\(shape), \(recipe)")
    }

    @Test(arguments: 1...8)
    func lines(radix: Int) throws {
        var generator = SplitMix64.announced(seed: 0x71)
        for leaf in [1, 2, 3, 5, 16] {
            let recipe = RightAngleRecipe(radix: radix, leaf: leaf)
            for boundary in Boundary.allCases {
                for shape in try Shape.rows(boundary, period: 2 * recipe.length) {
                    let intervals = try shape.key().intervals(axis: 0)
                    try check(
                        shape, using: &generator, points: 2 * recipe.length, "\(recipe)",
                        double: .rightAngle(
                            RightAngleTransform(recipe: recipe, intervals: intervals, rigour: .estimate)),
                        float: .rightAngle(
                            RightAngleTransform(recipe: recipe, intervals: intervals, rigour: .estimate)))
                }
            }
        }
    }

    @Test(arguments: [[4], [8], [4, 8], [8, 8], [4, 4, 4]])
    func linesInSteps(steps: [Int]) throws {
        var generator = SplitMix64.announced(seed: 0x72)
        for (radix, leaf) in [(1, 1), (2, 3), (3, 4), (8, 1)] {
            let recipe = RightAngleRecipe(radix: radix, steps: steps, leaf: leaf)
            for boundary in Boundary.allCases {
                for shape in try Shape.rows(boundary, period: 2 * recipe.length) {
                    let intervals = try shape.key().intervals(axis: 0)
                    try check(
                        shape, using: &generator, points: 2 * recipe.length, "\(recipe)",
                        double: .rightAngle(
                            RightAngleTransform(recipe: recipe, intervals: intervals, rigour: .estimate)),
                        float: .rightAngle(
                            RightAngleTransform(recipe: recipe, intervals: intervals, rigour: .estimate)))
                }
            }
        }
    }

    private func checkPlane(
        _ shape: Shape, _ recipe: RightAngleRecipe, column: MixedRadixRecipe,
        using generator: inout SplitMix64
    ) throws {
        let key = try shape.key(), rows = key.intervals(axis: 1)
        var columns = key.intervals(axis: 0)
        if column.length == key.axes[0].signal {
            // On a ring of the signal's own height the rows repeat by themselves.
            for index in columns.indices { columns[index].repeatCount = 0 }
        }
        try check(
            shape, using: &generator, points: 2 * recipe.length * column.length, "\(recipe), \(column)",
            double: .rowColumn(
                RowColumnTransform(
                    recipe: recipe, column: column, rowIntervals: rows, columnIntervals: columns,
                    rigour: .estimate)),
            float: .rowColumn(
                RowColumnTransform(
                    recipe: recipe, column: column, rowIntervals: rows, columnIntervals: columns,
                    rigour: .estimate)))
    }

    /// Every radix with the shortest leaf that will do and a longer one, and several heights of the ring.
    @Test(arguments: [Boundary.centred, .circular, .full, .valid], [Orientation.convolution, .correlation])
    func planes(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x73)
        for (signal, kernel) in [
            ([6, 5], [4, 3]), ([7, 12], [7, 12]), ([11, 9], [1, 4]), ([1, 16], [1, 5]),
        ] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
            let axes = try shape.axes()
            var heights = [axes[0].smallestPeriod, axes[0].smallestPeriod + 1, axes[0].smallestPeriod + 5]
            if axes[0].isPeriodic { heights.append(axes[0].signal) }
            for radix in 1...8 {
                let shortest = ((axes[1].smallestPeriod + 1) / 2 + radix - 1) / radix
                for leaf in [shortest, shortest + 2] {
                    for height in heights {
                        try checkPlane(
                            shape, RightAngleRecipe(radix: radix, leaf: leaf),
                            column: MixedRadixRecipe(leaf: height),
                            using: &generator)
                    }
                }
            }
        }
    }

    /// Columns in steps, on the smallest ring of that kind and, where the axis is periodic, on the signal's own.
    @Test(arguments: [Boundary.centred, .circular, .full, .valid], [Orientation.convolution, .correlation])
    func columnsInSteps(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x77)
        for (signal, kernel) in [([48, 5], [17, 3]), ([96, 9], [96, 9]), ([32, 6], [1, 4])] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
            let axes = try shape.axes()
            for steps in [[4], [8], [4, 4], [8, 4]] {
                let product = steps.reduce(1, *)
                var leaves = [(axes[0].smallestPeriod + product - 1) / product]
                if axes[0].isPeriodic, signal[0].isMultiple(of: product) {
                    leaves.append(signal[0] / product)
                }
                for leaf in leaves {
                    try checkPlane(
                        shape, RightAngleRecipe(radix: 1, leaf: (axes[1].smallestPeriod + 1) / 2),
                        column: MixedRadixRecipe(steps: steps, leaf: leaf), using: &generator)
                }
            }
        }
    }

    /// Every plane of up to 5 by 5 with every kernel as large, on the smallest ring.
    @Test(arguments: [Boundary.centred, .circular, .full, .valid], [Orientation.convolution, .correlation])
    func everySmallPlane(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x74)
        for number in 0..<5 * 5 * 5 * 5 {
            let shape = Shape(
                signal: [1 + number / 125, 1 + number / 25 % 5],
                kernel: [1 + number / 5 % 5, 1 + number % 5],
                boundary: boundary, orientation: orientation)
            guard shape.exists else { continue }
            let axes = try shape.axes()
            try checkPlane(
                shape, RightAngleRecipe(radix: 1, leaf: (axes[1].smallestPeriod + 1) / 2),
                column: MixedRadixRecipe(leaf: axes[0].smallestPeriod), using: &generator)
        }
    }

    /// Planes as lines, with every radix.
    @Test(arguments: [Boundary.centred, .full, .valid], [Orientation.convolution, .correlation])
    func flatPlanes(_ boundary: Boundary, _ orientation: Orientation) throws {
        var generator = SplitMix64.announced(seed: 0x75)
        for (signal, kernel) in [
            ([6, 5], [4, 3]), ([7, 12], [7, 12]), ([11, 9], [1, 4]), ([1, 16], [1, 5]),
        ] {
            let shape = Shape(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
            let key = try shape.key()
            let double = KroneckerTransform<Double>.Geometry(key)
            let float = KroneckerTransform<Float>.Geometry(key)
            for radix in 1...8 {
                let shortest = (double.length + radix - 1) / radix
                for leaf in [shortest, shortest + 3] {
                    let recipe = RightAngleRecipe(radix: radix, leaf: leaf)
                    try check(
                        shape, using: &generator, points: 2 * recipe.length, "\(recipe)",
                        double: .kronecker(
                            KroneckerTransform(
                                .rightAngle(
                                    RightAngleTransform(
                                        recipe: recipe, intervals: double.intervals, rigour: .estimate)),
                                double, key)),
                        float: .kronecker(
                            KroneckerTransform(
                                .rightAngle(
                                    RightAngleTransform(
                                        recipe: recipe, intervals: float.intervals, rigour: .estimate)),
                                float, key)))
                }
            }
        }
    }

    /// Plans that FFTW made by measuring give right results, too.
    ///
    /// In a process of its own: what it learns, and where that is kept, is global.
    @Test func measuredPlans() async {
        await #expect(processExitsWith: .success) {
            Wisdom.directory = nil
            var generator = SplitMix64.announced(seed: 0x76)
            let shape = Shape(signal: [210], kernel: [100], boundary: .centred)
            let batch = Batch(shape.directMap, .shared(batch: 2, channels: 2), using: &generator)
            try batch.check(
                LongConvolution<Double>(
                    length: 210, kernelLength: 100, boundary: .centred, rigour: .measure),
                tolerance: transformTolerance(Double.self, points: shape.pointCount), "\(shape)")
        }
    }
}
