import Tensors

/// The spacing of `Float` at 1, twice the largest relative error of a rounding.
public let floatEpsilon = Double(Float.ulpOfOne)

/// The largest difference between two lists of numbers; infinite where their counts differ or only one is a number.
/// Two infinities of the same sign are equal, and so are two that are not numbers.
public func largestDifference(_ left: [Float], _ right: [Double]) -> Double {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).reduce(0) { largest, pair in
        let (a, b) = (Double(pair.0), pair.1)
        if a == b || a.isNaN && b.isNaN { return largest }
        let difference = abs(a - b)
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}

/// The largest difference between two tensors, infinite where their shapes differ.
public func largestDifference(_ left: Tensor, _ right: Tensor) -> Double {
    guard left.shape == right.shape else { return .infinity }
    return largestDifference(left.scalars, right.scalars.map(Double.init))
}

/// The largest magnitude in a list of numbers.
public func largestMagnitude(_ numbers: [Double]) -> Double { numbers.reduce(0) { max($0, abs($1)) } }
