/// The sum of a batch's terms, one for each sample, as `BatchGroups` defines it: the terms of each group in order, then
/// pairs of neighboring groups, pairs of pairs, and so on. Written from the definition.
public func batchSum<Number: BinaryFloatingPoint>(_ terms: [Number]) -> Number {
    let groups = min(8, terms.count)
    var sums = (0..<groups).map { group in
        terms[group * terms.count / groups..<(group + 1) * terms.count / groups].reduce(0, +)
    }
    while sums.count > 1 {
        sums = stride(from: 0, to: sums.count, by: 2).map { index in
            index + 1 < sums.count ? sums[index] + sums[index + 1] : sums[index]
        }
    }
    return sums.first ?? 0
}

/// Terms whose sum shows the order in which they were added, also after it was rounded to `Float`.
///
/// Every other one is a multiple of 2^40, of which double precision keeps digits from 2^-12 on. Several of those cancel,
/// and numbers about 1 remain, of which `Float` shows digits from 2^-23 on.
public func cancellingTerms(_ count: Int, using numbers: inout some RandomNumberGenerator) -> [Float] {
    var terms = (0..<count).map { index in
        index % 2 == 0
            ? Float(Int.random(in: -8...8, using: &numbers)) * 0x1p40 : .random(in: -1...1, using: &numbers)
    }
    let large = terms.indices.filter { $0 % 2 == 0 }
    if large.count > 1 { terms[large.last!] = large.dropLast().reduce(0) { $0 - terms[$1] } }
    return terms
}
