// A transform in small units of work, for a schedule that spreads it over time.
//
// The units of a step are the tiles of all of its parts; those of the leaves are one leaf each. Units of a step are
// independent of each other; those of the next step follow when all of them are done.
extension MixedRadixFFT {
    /// The units of a step.
    func unitCount(ofStep level: Int) -> Int {
        steps[..<level].reduce(steps[level].tileCount) { $0 * $1.radix }
    }

    /// The number of leaves.
    var leafCount: Int { steps.reduce(1) { $0 * $1.radix } }

    /// One unit of a step, forward.
    @inline(__always)
    func splitUnit(_ unit: Int, of level: Int, _ row: UnsafeMutablePointer<Scalar>, _ loops: Loops) {
        let (part, tile) = unit.quotientAndRemainder(dividingBy: steps[level].tileCount)
        split(steps[level], tile, of: row + 2 * offset(ofPart: part, of: level), loops)
    }

    /// One unit of a step, inverse.
    @inline(__always)
    func joinUnit(_ unit: Int, of level: Int, _ row: UnsafeMutablePointer<Scalar>, _ loops: Loops) {
        let (part, tile) = unit.quotientAndRemainder(dividingBy: steps[level].tileCount)
        join(steps[level], tile, of: row + 2 * offset(ofPart: part, of: level), loops)
    }

    /// Where a leaf lies in a row.
    @inline(__always)
    func offset(ofLeaf leaf: Int) -> Int { offset(ofPart: leaf, of: steps.count) }

    /// Where a part lies on which the given step works: the parts of earlier steps are the digits of its index.
    @inline(__always)
    private func offset(ofPart part: Int, of level: Int) -> Int {
        var (part, offset, level) = (part, 0, level)
        while level > 0 {
            level -= 1
            let (rest, digit) = part.quotientAndRemainder(dividingBy: steps[level].radix)
            offset += digit * steps[level].stride
            part = rest
        }
        return offset
    }
}
