/// The product of some numbers of at least 0.
///
/// - Throws: ``ConvolutionError/sizeOverflow(extents:)`` when it overflows.
func checkedProduct(_ factors: [Int]) throws(ConvolutionError) -> Int {
    var product = 1
    for factor in factors {
        let (next, overflows) = product.multipliedReportingOverflow(by: factor)
        guard !overflows else { throw .sizeOverflow(extents: factors) }
        product = next
    }
    return product
}

/// The sum of some numbers of at least 0.
///
/// - Throws: ``ConvolutionError/sizeOverflow(extents:)`` when it overflows.
func checkedSum(_ terms: [Int]) throws(ConvolutionError) -> Int {
    var sum = 0
    for term in terms {
        let (next, overflows) = sum.addingReportingOverflow(term)
        guard !overflows else { throw .sizeOverflow(extents: terms) }
        sum = next
    }
    return sum
}
