import Foundation
import Tensors
import Terminator

/// What came of fitting a slow net to a kernel.
struct Fit {
    /// What the net makes in the end.
    let kernel: Tensor
    let parameterCount: Int
    /// ‖kernel - target‖ / ‖target‖.
    let relativeError: Double
    /// max |kernel - target| / max |target|.
    let largestError: Double
    let seconds: Double

    /// Minimizes the sum of squared differences with Adam, the rate following half a cosine.
    ///
    /// - Throws: ``DivergenceError``.
    init(of net: some SlowNet, to target: Tensor, steps: Int, rate: Float) throws {
        var net = net
        var optimizer = Adam()
        let schedule = LearningRateSchedule(.warmUpThenCosine, base: rate, stepCount: steps)
        let clock = ContinuousClock()
        let start = clock.now
        for step in 0..<steps {
            let (loss, gradient) = valueAndGradient(at: net) { ($0.kernel() - target).squared().sum() }
            guard loss.scalar.isFinite else { throw DivergenceError(step: step + 1) }
            optimizer.update(&net, along: gradient, rate: schedule.rate(atStep: step))
        }
        seconds = (clock.now - start) / .seconds(1)
        kernel = net.kernel()
        parameterCount = net.parameterCount
        let difference = kernel - target
        relativeError = Double(difference.norm().scalar) / Double(target.norm().scalar)
        largestError = Double(difference.largestMagnitude) / Double(target.largestMagnitude)
    }
}

/// The loss left the range of numbers.
struct DivergenceError: Error, CustomStringConvertible {
    /// The step, counted from 1.
    let step: Int

    var description: String { "expected a finite loss at step \(step), found none: the rate is too large" }
}

extension SlowNetKind {
    /// Of 0.0003, 0.001, 0.003 and 0.01 the rate with the least error over the targets of the kind's dimensions, by the
    /// geometric mean; for taps, over those in one dimension.
    var defaultRate: Float {
        switch self {
        case .magnet, .fourierFilters, .gaborFilters, .hashGrid, .diagonalStateSpace, .hyena, .multiscale,
            .explicit:
            0.01
        case .fourierFeatures, .perceptron: 0.003
        case .siren: 0.001
        }
    }
}

extension Tensor {
    var largestMagnitude: Float { scalars.reduce(0) { max($0, abs($1)) } }
}
