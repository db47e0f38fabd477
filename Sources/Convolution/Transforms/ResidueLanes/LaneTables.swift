import CVectorLoops
import Runtime

/// What the vector loops take of a transform in lanes, with the arrays to which it points.
final class LaneTables<Scalar: ConvolutionScalar>: Sendable {
    private let description: AlignedArray<vl_lane_plan>
    private let stepFactors: AlignedArray<Scalar>
    private let fold: Fold?

    /// The tables of the steps alone.
    init(steps: [Int]) {
        stepFactors = AlignedArray(Self.stepFactors(steps))
        fold = nil
        description = AlignedArray(zeros: 1)
        description.pointer.pointee.steps = Self.steps(steps, twiddles: stepFactors.pointer)
    }

    /// The tables of a transform of rows.
    ///
    /// - Parameters:
    ///   - tileWidth: The elements s that share coarse twiddle factors: whole vectors.
    ///   - height: The points of a transform along another axis, of which these are the rows: scaling and normalization
    ///     are those of both axes.
    init(_ recipe: ResidueLaneRecipe, tileWidth: Int, height: Int) {
        stepFactors = AlignedArray(Self.stepFactors(recipe.steps))
        let fold = Fold(recipe, tileWidth: tileWidth, height: height)
        self.fold = fold
        description = AlignedArray(zeros: 1)
        var plan = vl_lane_plan()
        plan.steps = Self.steps(recipe.steps, twiddles: stepFactors.pointer)
        plan.twist = UnsafeRawPointer(fold.twist.pointer)
        plan.unfolding_twist = UnsafeRawPointer(fold.unfoldingTwist.pointer)
        plan.fine_re = UnsafeRawPointer(fold.twiddles.fineRe(from: 0))
        plan.fine_im = UnsafeRawPointer(fold.twiddles.fineIm(from: 0))
        plan.coarse = fold.twiddles.coarse(0).map { UnsafeRawPointer($0) }
        plan.fine_stride = fold.twiddles.fineStride
        plan.tile_width = tileWidth
        plan.scale = fold.scale
        plan.zeros = UnsafeRawPointer(fold.zeros.pointer)
        plan.staged = UnsafePointer(fold.staged.pointer)
        plan.rest = recipe.restCount
        plan.rest_matrix = UnsafeRawPointer(fold.restMatrix.pointer)
        plan.unfolding_rest_matrix = UnsafeRawPointer(fold.unfoldingRestMatrix.pointer)
        plan.rest_factors = UnsafeRawPointer(fold.restFactors.pointer)
        description.pointer.pointee = plan
    }

    var plan: UnsafePointer<vl_lane_plan> { UnsafePointer(description.pointer) }

    private static func steps(_ radices: [Int], twiddles: UnsafePointer<Scalar>) -> vl_lane_steps {
        var steps = vl_lane_steps()
        steps.length = radices.reduce(1, *)
        steps.step_count = Int32(radices.count)
        steps.twiddles = UnsafeRawPointer(twiddles)
        steps.cached_length = CostModel.cachedLaneLength
        withUnsafeMutableBytes(of: &steps.radices) { bytes in
            let slots = bytes.bindMemory(to: Int32.self)
            for (slot, radix) in radices.enumerated() { slots[slot] = Int32(radix) }
        }
        return steps
    }

    /// The twiddle factors of all steps but the last, whose parts are single elements with factors of 1.
    private static func stepFactors(_ radices: [Int]) -> [Scalar] {
        var factors: [Scalar] = []
        var block = radices.reduce(1, *)
        factors.reserveCapacity(4 * block)
        for radix in radices.dropLast() {
            for j in 0..<block / radix {
                for k in 1..<radix {
                    let root = unitRoot(-j * k, over: block)
                    factors.append(Scalar(root.re))
                    factors.append(Scalar(root.im))
                }
            }
            block /= radix
        }
        return factors
    }

    /// The tables of folding and unfolding.
    private struct Fold: Sendable {
        let scale: Double
        /// ω^(q N), and the same times what undoes the scaling of the twiddle factors.
        let twist, unfoldingTwist: AlignedArray<Scalar>
        let twiddles: TwiddleTables<Scalar>
        let zeros: AlignedArray<Scalar>
        let staged: AlignedArray<Int>
        /// Of the elements behind the last whole vector: twist[q] exp(-2πi kq/W), for each q a vector over k; the conjugates, for
        /// each k a vector over q, times what undoes the scaling; ω^(s (1 - 4k)), for each s a vector over k.
        let restMatrix, unfoldingRestMatrix, restFactors: AlignedArray<Scalar>

        init(_ recipe: ResidueLaneRecipe, tileWidth: Int, height: Int) {
            let (lanes, length) = (recipe.lanes, recipe.length)
            let scaling = RangeScaling(points: length * height)
            scale = 1 / Double(height) / Double(length) * scaling.ofNormalization
            // ω^(s (1 - 4k)), with ω = exp(2πi / 4M), for whole vectors of s
            let width = (recipe.rowLength + lanes - 1) / lanes * lanes
            twiddles = TwiddleTables(
                rows: lanes, width: tileWidth, blocks: (width + tileWidth - 1) / tileWidth,
                scale: scaling.ofTwiddles
            ) { k, s in unitRoot(s * (1 - 4 * k), over: 4 * length) }
            twist = Self.vectors(1, lanes) { _, q in unitRoot(q, over: 4 * lanes) }
            unfoldingTwist = Self.vectors(1, lanes, scale: scaling.ofUnfoldingRoots) { _, q in
                unitRoot(q, over: 4 * lanes)
            }
            zeros = AlignedArray(zeros: tileWidth)
            staged = AlignedArray((0..<2 * lanes).map { $0 * lanes })
            let rows = recipe.restCount > 0 ? lanes : 0
            restMatrix = Self.vectors(rows, lanes) { q, k in unitRoot(q * (1 - 4 * k), over: 4 * lanes) }
            unfoldingRestMatrix = Self.vectors(rows, lanes, scale: scaling.ofUnfoldingRoots) { k, q in
                unitRoot(-q * (1 - 4 * k), over: 4 * lanes)
            }
            let first = recipe.rowLength - recipe.restCount
            restFactors = Self.vectors(recipe.restCount, lanes, scale: scaling.ofTwiddles) { s, k in
                unitRoot((first + s) * (1 - 4 * k), over: 4 * length)
            }
        }

        /// Complex vectors, each as its real and its imaginary parts, times a power of two.
        private static func vectors(
            _ count: Int, _ lanes: Int, scale: Double = 1,
            _ root: (_ row: Int, _ lane: Int) -> (re: Double, im: Double)
        ) -> AlignedArray<Scalar> {
            AlignedArray(
                (0..<count).flatMap { row in
                    let roots = (0..<lanes).map { root(row, $0) }
                    return (roots.map(\.re) + roots.map(\.im)).map { Scalar($0) * Scalar(scale) }
                })
        }
    }
}
