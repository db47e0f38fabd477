import TestSupport

@testable import Convolution

/// The shape of a convolution in one or two dimensions, and what can be made of it.
struct Shape: Sendable, CustomStringConvertible {
    var signal: [Int]
    var kernel: [Int]
    var boundary: Boundary
    var orientation = Orientation.convolution

    var description: String { "\(signal) by \(kernel) \(boundary) \(orientation)" }

    /// Whether the boundary allows the extents.
    var exists: Bool {
        switch boundary {
        case .causal: signal.count == 1
        case .centred, .full: true
        case .circular, .valid: zip(signal, kernel).allSatisfy { $0 >= $1 }
        }
    }

    func axes() throws -> [Axis] {
        try zip(signal, kernel).map { try Axis(signal: $0, kernel: $1, boundary: boundary) }
    }

    func key(isAlwaysSpectral: Bool = false, exactHead: Int = 0) throws -> PlanKey {
        PlanKey(
            axes: try axes(), orientation: orientation, rigour: .estimate, exactHead: exactHead,
            isAlwaysSpectral: isAlwaysSpectral)
    }

    /// The convolution that a user gets.
    func convolution<Scalar: ConvolutionScalar>() throws -> LongConvolution<Scalar> {
        signal.count == 1
            ? try LongConvolution(
                length: signal[0], kernelLength: kernel[0], boundary: boundary, orientation: orientation)
            : try LongConvolution(
                height: signal[0], width: signal[1], kernelHeight: kernel[0], kernelWidth: kernel[1],
                boundary: boundary, orientation: orientation)
    }

    /// The convolution with transforms of the given kind; `nil` for the one that a user gets.
    func convolution<Scalar: ConvolutionScalar>(
        by kind: TransformChoice.Kind?
    ) throws -> LongConvolution<Scalar> {
        try TransformChoice.$forcedKind.withValue(kind) { try convolution() }
    }

    /// A convolution on spectra, however short the kernel.
    func spectralConvolution<Scalar: ConvolutionScalar>() throws -> LongConvolution<Scalar> {
        LongConvolution(plan: try PlanCache.plan(key(isAlwaysSpectral: true)))
    }

    /// The convolution as the sum that it is.
    var directMap: DirectBilinearMap {
        DirectBilinearMap(signal: signal, kernel: kernel, boundary: boundary, orientation: orientation)
    }

    /// The number of points of the full convolution, N: what transforms have at least.
    var pointCount: Int { zip(signal, kernel).reduce(1) { $0 * ($1.0 + $1.1 - 1) } }

    /// The n of the documented accuracy: L + K, in two dimensions the product over the axes.
    var accuracyPointCount: Int { zip(signal, kernel).reduce(1) { $0 * ($1.0 + $1.1) } }

    /// Shapes in one dimension that just fit into a ring of the given period, and smaller ones.
    static func rows(_ boundary: Boundary, period: Int) throws -> [Shape] {
        var shapes: [Shape] = []
        for orientation in [Orientation.convolution, .correlation] {
            // The kernel's part of the signal's length: all, a third, one element, more than all.
            for kernelLength in [{ $0 }, { ($0 + 2) / 3 }, { _ in 1 }, { $0 + 3 }] as [(Int) -> Int] {
                func shape(_ length: Int) -> Shape {
                    Shape(
                        signal: [length], kernel: [kernelLength(length)], boundary: boundary,
                        orientation: orientation)
                }
                func fits(_ length: Int) throws -> Bool {
                    try shape(length).exists && shape(length).axes()[0].smallestPeriod <= period
                }
                guard let longest = try (1...period).last(where: fits) else { continue }
                shapes += Set([longest, max(1, longest - 3), (longest + 1) / 2]).sorted().map(shape)
            }
        }
        return shapes
    }

    /// One shape for each way in which a convolution is computed, for every boundary that has it.
    static let representatives: [Shape] = {
        let extents: [(signal: [Int], kernel: [Int])] = [
            ([37], [5]),  // a direct sum
            ([60], [60]),  // a line in one block
            ([784], [784]),
            ([5000], [777]),  // a line in several blocks
            ([40_000], [30_001]),  // a split line
            ([9, 12], [3, 3]),  // a direct sum in two dimensions
            ([11, 13], [11, 7]),  // a plane as a line; if circular, on a ring that is taller than the signal
            ([120, 150], [90, 40]),  // a plane in several blocks
        ]
        return Boundary.allCases.flatMap { boundary in
            extents.enumerated().map { number, extents in
                Shape(
                    signal: extents.signal, kernel: extents.kernel, boundary: boundary,
                    orientation: number.isMultiple(of: 2) ? .convolution : .correlation)
            }
        }.filter(\.exists)
    }()
}

/// The error that a convolution by transforms may have, relative to the product of the norms of what is convolved.
///
/// A transform of N points has an error of at most about ε·log2 N relative to its norm, on random data much less
/// (G. Golub, C. Van Loan, "Matrix Computations", 1.4.1). A product of two transforms transformed back makes three
/// of them; small shapes, for which log2 N is next to nothing, keep the few roundings of a multiplication.
func transformTolerance<Scalar: ConvolutionScalar>(_: Scalar.Type, points: Int) -> Double {
    Double(Scalar.ulpOfOne) * (2 + Double(Int.bitWidth - points.leadingZeroBitCount))
}
