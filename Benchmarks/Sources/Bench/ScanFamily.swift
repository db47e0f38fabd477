import Convolution

/// Shapes of which each is nearly its neighbor, so that a point of each should take nearly the same time.
struct ScanFamily {
    /// One convolution: `[L]` or `[H, W]`.
    struct Shape {
        let signal: [Int]
        let kernel: [Int]
    }

    let name: String
    let boundary: Boundary
    /// In order.
    let shapes: [Shape]

    /// Kernels as long as the signals.
    private init(_ name: String, _ boundary: Boundary, signals: [[Int]]) {
        self.init(name, boundary, shapes: signals.map { Shape(signal: $0, kernel: $0) })
    }

    private init(_ name: String, _ boundary: Boundary, shapes: [Shape]) {
        (self.name, self.boundary, self.shapes) = (name, boundary, shapes)
    }

    /// Rows of lengths beside those at which the method or the transform changes, and among primes.
    static var rows: [ScanFamily] {
        let lengths = [
            250...262, 780...790, 1016...1036, 2044...2054, 4090...4102, 8188...8198, 16380...16390,
            32764...32772, 65532...65540, (1 << 17) - 2...(1 << 17) + 3, (1 << 20) - 2...(1 << 20) + 3,
        ]
        let causal = lengths.map { ScanFamily("rows of \($0.lowerBound)", .causal, signals: $0.map { [$0] }) }
        let centred = lengths.prefix(9).map {
            ScanFamily("rows of \($0.lowerBound)", .centred, signals: $0.map { [$0] })
        }
        let rings = [250...262, 1016...1036, 4090...4102, 16380...16390].map {
            ScanFamily("rows of \($0.lowerBound)", .circular, signals: $0.map { [$0] })
        }
        return causal + centred + rings
    }

    /// Rows with kernels of a few taps to many, and rows with one kernel around the shortest that are cut.
    static var shortKernels: [ScanFamily] {
        let kernels = [Array(12...28), geometric(from: 28, to: 1 << 14)]
        let sweeps = [1 << 14, 1 << 16, 1 << 20].flatMap { length in
            kernels.map { kernels in
                ScanFamily(
                    "rows of \(length), kernels from \(kernels[0])", .causal,
                    shapes: kernels.filter { $0 < length }.map { Shape(signal: [length], kernel: [$0]) })
            }
        }
        let rows = [25, 128, 512].map { kernel in
            ScanFamily(
                "rows with kernels of \(kernel)", .causal,
                shapes: (Array(1016...1032) + geometric(from: 1032, to: 1 << 18)).map {
                    Shape(signal: [$0], kernel: [kernel])
                })
        }
        return sweeps + rows
    }

    /// Planes: narrow ones, tall and wide; rings; squares, and where planes are no longer transformed as one line.
    static var planes: [ScanFamily] {
        func planes(
            _ name: String, _ boundary: Boundary, _ extents: ClosedRange<Int>, _ other: Int,
            isTall: Bool = true
        )
            -> ScanFamily
        {
            ScanFamily(name, boundary, signals: extents.map { isTall ? [$0, other] : [other, $0] })
        }
        return [
            planes("one column", .centred, 16376...16392, 1),
            planes("one column", .circular, 16376...16392, 1),
            planes("two columns", .centred, 8186...8198, 2), planes("four columns", .centred, 4090...4102, 4),
            planes("four columns", .circular, 4090...4102, 4),
            planes("eight columns", .centred, 1018...1032, 8),
            planes("eight columns", .centred, 2042...2056, 8),
            planes("eight columns", .circular, 2042...2056, 8),
            planes("one row", .centred, 16376...16392, 1, isTall: false),
            planes("four rows", .centred, 4090...4102, 4, isTall: false),
            planes("eight rows", .centred, 2042...2056, 8, isTall: false),
            planes("circular heights", .circular, 1021...1037, 16),
            planes("circular heights", .circular, 1021...1037, 64),
            planes("circular widths", .circular, 1021...1037, 16, isTall: false),
            planes("column rings", .centred, 102...114, 64), planes("column rings", .circular, 156...168, 64),
            planes("column rings", .centred, 102...114, 256),
            ScanFamily("squares", .centred, signals: (28...36).map { [$0, $0] }),
            ScanFamily("squares", .centred, signals: (60...70).map { [$0, $0] }),
            ScanFamily("squares", .centred, signals: (124...132).map { [$0, $0] }),
            ScanFamily("squares", .centred, signals: (253...259).map { [$0, $0] }),
            ScanFamily("squares", .circular, signals: (60...70).map { [$0, $0] }),
            ScanFamily(
                "planes of 512x512, kernels by taps", .centred,
                shapes: [
                    [3, 3], [4, 4], [3, 7], [4, 6], [5, 5], [2, 13], [3, 9], [4, 7], [5, 6], [6, 6], [7, 7],
                ]
                .map { Shape(signal: [512, 512], kernel: $0) }),
            ScanFamily(
                "planes of 512x512, kernels of one row or column", .centred,
                shapes: [[1, 25], [25, 1], [26, 1], [1, 26], [1, 36], [36, 1]]
                    .map { Shape(signal: [512, 512], kernel: $0) }),
        ]
    }

    /// Lengths that grow by a quarter.
    private static func geometric(from first: Int, to last: Int) -> [Int] {
        var lengths = [first]
        while let length = lengths.last, length < last { lengths.append(length + max(1, length / 4)) }
        return lengths
    }
}
