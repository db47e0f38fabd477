import Foundation
import Tensors

/// The random numbers of one test. The seed is printed; the environment variable TEST_SEED replaces it.
///
/// It is a fixed one otherwise: a failure repeats itself, and a change of seed is a deliberate act.
public func seededNumbers(_ seed: UInt64 = 1, test: String = #function) -> RandomNumbers {
    let given = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap(UInt64.init)
    print("\(test): seed \(given ?? seed)")
    return RandomNumbers(seed: given ?? seed)
}

extension RandomNumbers {
    /// A tensor of normally distributed numbers.
    public mutating func tensor(_ shape: [Int], deviation: Float = 1) -> Tensor {
        Tensor(shape: shape, normalWithDeviation: deviation, using: &self)
    }
}
