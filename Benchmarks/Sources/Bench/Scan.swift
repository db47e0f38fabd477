@_spi(Benchmarks) import Convolution
import Measurement

/// The times of neighboring shapes on one thread, forward and backward.
enum Scan {
    /// One shape.
    struct Result: Encodable {
        let family: String
        let boundary: Boundary
        let signal: [Int]
        let kernel: [Int]
        /// The method that the engine chose.
        let method: ComparedMethod
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
            let problems = try shapes.map { try problem($0, family.boundary, rigour: rigour) }
            let times = try nanosecondsPerPoint(problems, rounds: rounds)
            for (number, problem) in problems.enumerated() {
                let neighbors = [number - 1, number + 1].filter(times.indices.contains).map { times[$0] }
                let ratio = times[number] / neighbors.min()!
                let result = Result(
                    family: family.name, boundary: family.boundary, signal: problem.workload.extents,
                    kernel: problem.workload.kernelExtents, method: problem.convolution.method,
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

    private static func problem(
        _ shape: ScanFamily.Shape, _ boundary: Boundary, rigour: Rigour
    ) throws -> Problem {
        let rows = max(1, pointCount / shape.signal.reduce(1, *))
        let batch = min(4, rows)
        let extents = ([batch, rows / batch] + shape.signal).map(String.init).joined(separator: "x")
        return try Problem(
            Workload(shape: extents, kernels: .shared, kernelExtents: shape.kernel, boundary: boundary),
            rigour: rigour)
    }

    /// The smallest of `rounds` rounds over all shapes: what disturbs a short call only adds to it.
    private static func nanosecondsPerPoint(_ problems: [Problem], rounds: Int) throws -> [Double] {
        var times = problems.map { _ in Double.infinity }
        for _ in 0..<rounds {
            for (number, problem) in problems.enumerated() {
                let forward = try milliseconds(atLeast: .milliseconds(10)) { try problem.computeOutput() }
                let backward = try milliseconds(atLeast: .milliseconds(10)) { try problem.computeGradients() }
                let perPoint = (forward + backward) * 1e6 / Double(problem.workload.signalCount)
                times[number] = min(times[number], perPoint)
            }
        }
        return times
    }

    private static let table = Table([
        ("signal", 14), ("kernel", 14), ("method", 15), ("ns a point", -10), ("ratio", -7), ("", 2),
    ])
}

extension Scan.Result {
    fileprivate var cells: [String] {
        [signal, kernel].map { $0.map(String.init).joined(separator: "x") } + [
            method.rawValue, decimal(nanosecondsPerPoint, places: 2), decimal(ratioToNeighbors, places: 2),
            isMarked ? "<<" : "",
        ]
    }
}
