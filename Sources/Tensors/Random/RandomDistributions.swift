import Foundation
import Runtime

extension RandomNumbers {
    /// A number from the uniform distribution over `range`, which must be finite and not empty.
    public mutating func uniform(in range: Range<Float>) -> Float {
        require(
            !range.isEmpty && range.upperBound - range.lowerBound < .infinity,
            "expected a finite range, not empty, got \(range)")
        while true {
            let fraction = Float(next() >> 40) * 0x1p-24
            let number = range.lowerBound + (range.upperBound - range.lowerBound) * fraction
            // Rounding may give the upper bound.
            if number < range.upperBound { return number }
        }
    }

    /// A number from the normal distribution with mean 0 and deviation 1.
    public mutating func normal() -> Float { Float(preciseNormal()) }

    /// A number from the Gamma distribution with the given shape and rate 1.
    ///
    /// Source: G. Marsaglia and W. W. Tsang, A simple method for generating gamma variables (doi
    /// 10.1145/358407.358414). For a shape a < 1: a number of shape a + 1 times u^(1/a), u uniform.
    public mutating func gamma(shape: Double) -> Double {
        require(shape > 0 && shape < .infinity, "expected a finite shape above 0, got \(shape)")
        guard shape >= 1 else { return gamma(shape: shape + 1) * pow(openUniform(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = preciseNormal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let cube = root * root * root
            if log(openUniform()) < 0.5 * x * x + d - d * cube + d * log(cube) { return d * cube }
        }
    }

    /// A uniformly distributed permutation of 0 ..< `count`, by Fisher and Yates's shuffle.
    public mutating func permutation(of count: Int) -> [Int] {
        require(count >= 0, "expected a count of at least 0, got \(count)")
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, index(below: last + 1)) }
        return order
    }

    /// A uniformly distributed index in 0 ..< `bound`.
    ///
    /// Source: D. Lemire, arXiv 1805.10941.
    private mutating func index(below bound: Int) -> Int {
        // The upper word of the product is the index; lower words below 2^64 mod bound would favor some indices.
        let threshold = (0 &- UInt64(bound)) % UInt64(bound)
        while true {
            let (high, low) = next().multipliedFullWidth(by: UInt64(bound))
            if low >= threshold { return Int(high) }
        }
    }

    /// A number strictly between 0 and 1.
    private mutating func openUniform() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }

    /// Box and Muller's transform. Its second number is discarded, so that the state is the four words alone.
    private mutating func preciseNormal() -> Double {
        let radius = (-2 * log(openUniform())).squareRoot()
        return radius * cos(2 * .pi * openUniform())
    }
}

extension Tensor {
    /// A tensor of numbers from the uniform distribution over `range`.
    public init(shape: [Int], uniformIn range: Range<Float>, using randomNumbers: inout RandomNumbers) {
        let scalars = (0..<shape.reduce(1, *)).map { _ in randomNumbers.uniform(in: range) }
        self.init(shape: shape, scalars: scalars)
    }

    /// A tensor of numbers from the normal distribution with mean 0 and the given deviation.
    public init(
        shape: [Int], normalWithDeviation deviation: Float, using randomNumbers: inout RandomNumbers
    ) {
        let scalars = (0..<shape.reduce(1, *)).map { _ in deviation * randomNumbers.normal() }
        self.init(shape: shape, scalars: scalars)
    }
}
