import Convolution
import Measurement

/// The times of neighboring shapes on one thread, forward and backward.
enum Scan {
    /// One shape.
    struct Result: Encodable {
        let family: String
        let boundary: Boundary
        let signal: [Int]
        let kernel: [Int]
        /// Nanoseconds a point of the signal, forward and backward together.
        let nanosecondsPerPoint: Double
        /// That over the time of the cheaper one of the shapes before and after it.
        let ratioToNeighbors: Double
        /// Whether that is above 1.5.
        let isMarked: Bool
    }

    /// The ratio from which on a shape is marked.
    private static let markedRatio = 1.5
    /// The points of all signals together, about: enough that a call is long, few enough for the cache.
    private static let pointCount = 1 << 17

    /// Measures all families, or of each the first three shapes, and prints them.
    ///
    /// - Throws: `ConvolutionError`
    static func run(rounds: Int, rigour: Rigour, isQuick: Bool) throws -> [Result] {
        var results: [Result] = []
        for family in ScanFamily.rows + ScanFamily.shortKernels + ScanFamily.planes {
            print("\(family.name), \(family.boundary.rawValue)")
            let shapes = isQuick ? Array(family.shapes.prefix(3)) : family.shapes
            let times = try nanosecondsPerPoint(shapes, family.boundary, rounds: rounds, rigour: rigour)
            for (number, shape) in shapes.enumerated() {
                let neighbors = [number - 1, number + 1].filter(times.indices.contains).map { times[$0] }
                let ratio = times[number] / neighbors.min()!
                let result = Result(
                    family: family.name, boundary: family.boundary, signal: shape.signal,
                    kernel: shape.kernel,
                    nanosecondsPerPoint: times[number], ratioToNeighbors: ratio,
                    isMarked: ratio > markedRatio)
                table.printRow(result.cells)
                results.append(result)
            }
        }
        let marked = results.filter(\.isMarked).count
        print(
            "\(marked) of \(results.count) shapes take more than \(markedRatio) times their neighbors' time.")
        return results
    }

    /// The medians of `rounds` rounds over all shapes.
    private static func nanosecondsPerPoint(
        _ shapes: [ScanFamily.Shape], _ boundary: Boundary, rounds: Int, rigour: Rigour
    ) throws -> [Double] {
        let problems = try shapes.map { shape in
            let rows = max(1, pointCount / shape.signal.reduce(1, *))
            let batch = min(4, rows)
            let extents = ([batch, rows / batch] + shape.signal).map(String.init).joined(separator: "x")
            return try Problem(
                Workload(shape: extents, kernels: .shared, kernelExtents: shape.kernel, boundary: boundary),
                rigour: rigour)
        }
        var times = problems.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (number, problem) in problems.enumerated() {
                let forward = try milliseconds(atLeast: .milliseconds(10)) { try problem.computeOutput() }
                let backward = try milliseconds(atLeast: .milliseconds(10)) { try problem.computeGradients() }
                times[number].append((forward + backward) * 1e6 / Double(problem.workload.signalCount))
            }
        }
        return times.map(median)
    }

    private static let table = Table([
        ("signal", 14), ("kernel", 14), ("ns a point", -10), ("ratio", -7), ("", 2),
    ])
}

extension Scan.Result {
    fileprivate var cells: [String] {
        [signal, kernel].map { $0.map(String.init).joined(separator: "x") } + [
            decimal(nanosecondsPerPoint, places: 2), decimal(ratioToNeighbors, places: 2),
            isMarked ? "<<" : "",
        ]
    }
}
