import Tensors

/// A directional derivative that finite differences do not confirm.
public struct GradientMismatch: Equatable, Sendable, CustomStringConvertible {
    /// The index of the operand that was moved.
    public let operand: Int
    /// The derivative by finite differences.
    public let expected: Double
    /// The derivative by the pullback.
    public let found: Double
    /// How far they may lie apart.
    public let tolerance: Double

    /// All of it in a line.
    public var description: String {
        "operand \(operand): finite differences give \(expected), the pullback \(found); tolerance \(tolerance)"
    }
}

/// Compares the gradient of `function` with finite differences; answers what differs.
///
/// The function's result is multiplied by a random upstream gradient and summed to a scalar f, in double precision.
/// For each operand and each of two random directions d, the derivative of f(x + t d) at t = 0 is taken by central
/// differences of fourth order,
///
///     D(h) = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h,
///
/// and compared with the pullback's gradient times d. The tolerance for D(h / 2) is the sum of two errors:
///
/// * Truncation. The error of D(h) is c h⁴ + O(h⁶), that of D(h / 2) a sixteenth. Their difference estimates it;
///   all of it is allowed.
/// * Rounding. Each scalar y of the result has an error of a few ε |y|, each scalar x of the moved operand one of
///   ε |x|, which counts with its derivative. They are independent, so f has an error of
///   ε / 2 √(Σ (u y)² + Σ (x ∂f/∂x)²) times a small number, here `roundings`, and D(h / 2) at most 3 / h times that:
///   the weights 8, 8, 1, 1 over 6 h add up to 3 / h.
///
/// A tolerance above both a tenth of the gradient's size (its length times the direction's, over √n) and a thousandth
/// of the result's, √(Σ (u y)²), could let a wrong gradient pass: that is answered as a mismatch too.
///
/// - Parameters:
///   - operands: Where the gradient is checked. Operands should be of the order of 1.
///   - step: h. The default suits functions that vary on a scale of 1.
///   - roundings: How many roundings of ε / 2 a scalar of the result has behind it, about.
public func gradientMismatches(
    of operands: [Tensor], step: Float = 0x1p-4, roundings: Double = 8, seed: UInt64 = 7,
    _ function: ([Tensor]) -> Tensor
) -> [GradientMismatch] {
    var numbers = RandomNumbers(seed: seed)
    let result = function(operands)
    let upstream = numbers.tensor(result.shape)
    let (_, gradient) = valueAndGradient(at: Operands(tensors: operands)) {
        (function($0.tensors) * upstream).sum()
    }

    func value(_ moved: [Tensor]) -> Double { dot(function(moved), upstream) }

    var mismatches: [GradientMismatch] = []
    for (index, operand) in operands.enumerated() {
        let component = gradient["\(index)"]
        for _ in 0..<2 {
            let direction = numbers.tensor(operand.shape)
            func derivative(_ h: Float) -> Double {
                func f(_ t: Float) -> Double {
                    var moved = operands
                    moved[index] = operand + direction * t
                    return value(moved)
                }
                return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * Double(h))
            }
            let coarse = derivative(step)
            let fine = derivative(step / 2)
            let found = dot(component, direction)
            let resultSquare = dot(result * upstream, result * upstream)
            let noise = (resultSquare + dot(component * operand, component * operand)).squareRoot()
            let tolerance = abs(coarse - fine) + 3 / Double(step) * roundings * floatEpsilon / 2 * noise
            let size = (dot(component, component) * dot(direction, direction) / Double(max(1, operand.count)))
                .squareRoot()
            let isSharp = tolerance <= max(0.1 * size, 1e-3 * resultSquare.squareRoot())
            if !(abs(found - fine) <= tolerance) || !isSharp {
                mismatches.append(
                    GradientMismatch(operand: index, expected: fine, found: found, tolerance: tolerance))
            }
        }
    }
    return mismatches
}

/// Tensors as parameters named by their index.
public struct Operands: Module {
    /// The parameters.
    public var tensors: [Tensor]

    /// The parameters "0", "1", ...
    public init(tensors: [Tensor]) { self.tensors = tensors }

    /// Visits the tensors in order.
    public mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        for index in tensors.indices { try body("\(index)", &tensors[index]) }
    }
}

/// The scalar product, in double precision.
private func dot(_ left: Tensor, _ right: Tensor) -> Double {
    zip(left.scalars, right.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
