import ArgumentParser
import Foundation
import Tensors

/// Kernels that are written down, each with something that is hard to learn.
enum TargetKernel: String, CaseIterable, ExpressibleByArgument {
    /// 2048 samples of an oscillation that grows faster, from 4 to 164 periods a length, as it fades by e⁻⁴.
    case chirp
    /// 2048 samples, -1 and from a place on 1: all frequencies at once.
    case step
    /// 64x64 samples of a slanted wave under a bell, smooth, and a disk of four samples' radius beside it, sharp.
    case gabor

    var extents: [Int] { self == .gabor ? [64, 64] : [2048] }

    /// `[1, *S]`, scaled so that the squares sum to 1, as kernels of networks do when they are new.
    var kernel: Tensor {
        let points = CoordinateGrid(extents: extents).points.scalars.map(Double.init)
        let count = extents.reduce(1, *)
        let values = (0..<count).map { index in
            extents.count == 1
                ? value(at: points[index]) : value(atRow: points[index], column: points[count + index])
        }
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return Tensor(shape: [1] + extents, scalars: values.map { Float($0 / norm) })
    }

    private func value(at x: Double) -> Double {
        guard self == .chirp else { return x < 0.1 ? -1 : 1 }
        let u = (x + 1) / 2
        return exp(-4 * u) * sin(2 * .pi * (4 * u + 80 * u * u))
    }

    private func value(atRow y: Double, column x: Double) -> Double {
        let along = x * cos(.pi / 6) + y * sin(.pi / 6)
        let wave = cos(2 * .pi * 3 * along) * exp(-(x * x + y * y) / (2 * 0.35 * 0.35))
        let isInDisk = hypot(x - 0.65, y + 0.65) < 0.125
        return wave + (isInDisk ? 1 : 0)
    }
}
