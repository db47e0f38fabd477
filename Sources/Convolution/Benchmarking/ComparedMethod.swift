/// The methods among which a plan chooses, for comparing them.
@_spi(Benchmarks)
public enum ComparedMethod: String, Encodable, Sendable {
    /// The sum of products that defines a convolution.
    case sum
    /// Transforms of whole rows.
    case wholeTransform = "whole transform"
    /// Transforms of blocks.
    case blocks
}

extension LongConvolution {
    /// The method that the plan chose.
    @_spi(Benchmarks)
    public var method: ComparedMethod {
        switch plan.method {
        case .direct: .sum
        case .spectral: .wholeTransform
        case .blocks: .blocks
        }
    }

    /// The same convolution by sums.
    @_spi(Benchmarks)
    public var bySums: LongConvolution { LongConvolution(plan: Plan(plan.key, method: .direct)) }

    /// The same convolution by transforms of whole rows.
    @_spi(Benchmarks)
    public func byWholeTransforms() throws(ConvolutionError) -> LongConvolution {
        LongConvolution(plan: try plan.withTransform().0)
    }
}
