import Tensors

/// An error of a computation whose result is infinite or not a number.
public struct NonFiniteValueError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A quantity that can become non-finite.
    public enum Quantity: Equatable, Sendable {
        /// The objective, and with it the gradient of the named parameter: the first such in the network's order, if any.
        case objective(gradient: String?)
        /// The gradient of the named parameter: the first such in the network's order.
        case gradient(parameter: String)
        /// The named parameter after its update: the first such in the network's order.
        case parameter(String)
        /// A logit in evaluation: one that is +infinity or not a number, or all of a sample.
        case logits
        /// The mean loss in evaluation: a logit of a label was -infinity.
        case loss
    }

    /// A value that is not finite.
    public enum Value: String, Sendable {
        /// A value above all numbers.
        case infinity = "infinity"
        /// A value below all numbers.
        case negativeInfinity = "-infinity"
        /// The result of an operation without a value, as of infinity minus infinity.
        case notANumber = "not a number"
    }

    /// The quantity that was not finite.
    public let quantity: Quantity
    /// The value that was found; of several the first. A non-finite objective's, not its gradient's.
    public let value: Value
    /// The step of training, counted from 1; `nil` in evaluation.
    public let step: Int?
    /// The file of the network that was saved last, that of the last or of the best complete epoch; `nil` if none was saved.
    public internal(set) var savedFile: String?

    /// One line: the quantity, the step, and the file of the network that was saved last.
    public var description: String {
        let what =
            switch quantity {
            case .objective(nil): "a finite objective"
            case .objective(let parameter?): "a finite objective and a finite gradient of \(parameter)"
            case .gradient(let parameter): "a finite gradient of \(parameter)"
            case .parameter(let parameter): "finite values of \(parameter)"
            case .logits: "finite logits"
            case .loss: "a finite loss"
            }
        let place = step.map { "at step \($0)" } ?? "in evaluation"
        let saved = savedFile.map { "; the network that was saved last is in \($0)" } ?? ""
        // Some logits may be -infinity, but not all of a sample.
        let isMasked = quantity == .logits && value == .negativeInfinity
        let found = isMasked ? "-infinity for every class" : value.rawValue
        return "expected \(what) \(place), found \(found)" + saved
    }
}

extension NonFiniteValueError.Value {
    /// The kind of a value; `nil` for a finite one.
    init?(of value: some BinaryFloatingPoint) {
        guard !value.isFinite else { return nil }
        self = value.isNaN ? .notANumber : value > 0 ? .infinity : .negativeInfinity
    }
}

extension NonFiniteValueError {
    /// Throws if a mean loss in evaluation is not finite.
    public static func check(loss: Double) throws(NonFiniteValueError) {
        guard let value = Value(of: loss) else { return }
        throw NonFiniteValueError(quantity: .loss, value: value, step: nil)
    }

    /// The same error with the file of the network that was saved last.
    func saved(in file: String?) -> NonFiniteValueError {
        var copy = self
        copy.savedFile = file
        return copy
    }
}

extension Tensor {
    /// The first scalar that is not finite, if any.
    var nonFiniteValue: NonFiniteValueError.Value? {
        guard !isFinite else { return nil }
        return withScalars { $0.lazy.compactMap { NonFiniteValueError.Value(of: $0) }.first }
    }

    /// Whether every scalar is a number and none is infinite.
    var isFinite: Bool {
        // All bits of the exponent are set in infinities and NaN alone. Or-ing flags, unlike adding numbers, has no
        // order to keep, so the loop runs at full SIMD width.
        withScalars { scalars in
            let exponent = Float.infinity.bitPattern
            var isOutside = false
            for scalar in scalars { isOutside = isOutside || scalar.bitPattern & exponent == exponent }
            return !isOutside
        }
    }
}
