import CVectorLoops
import Runtime

extension ResidueLaneTransform {
    /// What the vector loops take of a transform, with the arrays to which it points.
    final class Tables: Sendable {
        private let description: AlignedArray<vl_lane_plan>
        private let stepFactors, twist, unfoldingTwist, zeros: AlignedArray<Scalar>
        private let twiddles: TwiddleTables<Scalar>
        private let staged: AlignedArray<Int>

        /// - Parameter tileWidth: The elements s that share coarse twiddle factors: whole vectors.
        init(_ recipe: ResidueLaneRecipe, tileWidth: Int) {
            let (lanes, length) = (recipe.lanes, recipe.length)
            let scaling = RangeScaling(points: length)
            stepFactors = AlignedArray(Self.stepFactors(recipe.steps))
            // ω^(s (1 - 4k)), with ω = exp(2πi / 4M), for whole vectors of s
            let width = (recipe.rowLength + lanes - 1) / lanes * lanes
            twiddles = TwiddleTables(
                rows: lanes, width: tileWidth, blocks: (width + tileWidth - 1) / tileWidth,
                scale: scaling.ofTwiddles
            ) { k, s in unitRoot(s * (1 - 4 * k), over: 4 * length) }
            // ω^(q N)
            let roots = (0..<lanes).map { unitRoot($0, over: 4 * lanes) }
            let parts = roots.map(\.re) + roots.map(\.im)
            twist = AlignedArray(parts.map { Scalar($0) })
            unfoldingTwist = AlignedArray(parts.map { Scalar($0) * Scalar(scaling.ofUnfoldingRoots) })
            zeros = AlignedArray(zeros: tileWidth)
            staged = AlignedArray((0..<2 * lanes).map { $0 * lanes })
            description = AlignedArray(zeros: 1)
            var plan = vl_lane_plan()
            Self.set(&plan.steps, recipe.steps, twiddles: stepFactors.pointer)
            plan.twist = UnsafeRawPointer(twist.pointer)
            plan.unfolding_twist = UnsafeRawPointer(unfoldingTwist.pointer)
            plan.fine_re = UnsafeRawPointer(twiddles.fineRe(from: 0))
            plan.fine_im = UnsafeRawPointer(twiddles.fineIm(from: 0))
            plan.coarse = twiddles.coarse(0).map { UnsafeRawPointer($0) }
            plan.fine_stride = twiddles.fineStride
            plan.tile_width = tileWidth
            plan.scale = 1 / Double(length) * scaling.ofNormalization
            plan.zeros = UnsafeRawPointer(zeros.pointer)
            plan.staged = UnsafePointer(staged.pointer)
            description.pointer.pointee = plan
        }

        var plan: UnsafePointer<vl_lane_plan> { UnsafePointer(description.pointer) }

        private static func set(
            _ steps: inout vl_lane_steps, _ radices: [Int], twiddles: UnsafePointer<Scalar>
        ) {
            steps.length = radices.reduce(1, *)
            steps.step_count = Int32(radices.count)
            steps.twiddles = UnsafeRawPointer(twiddles)
            steps.cached_length = CostModel.cachedLaneLength
            withUnsafeMutableBytes(of: &steps.radices) { bytes in
                let slots = bytes.bindMemory(to: Int32.self)
                for (slot, radix) in radices.enumerated() { slots[slot] = Int32(radix) }
            }
        }

        /// The twiddle factors of all steps but the last, whose parts are single elements with factors of 1.
        private static func stepFactors(_ radices: [Int]) -> [Scalar] {
            var factors: [Scalar] = []
            var block = radices.reduce(1, *)
            for radix in radices.dropLast() {
                for j in 0..<block / radix {
                    for k in 1..<radix {
                        let root = unitRoot(-j * k, over: block)
                        factors += [Scalar(root.re), Scalar(root.im)]
                    }
                }
                block /= radix
            }
            return factors
        }
    }
}
