import CLongConvolution

/// An operand at an address: a multiple of its scalars' size, all of whose elements lie within the address space.
struct Placement: Sendable {
    private let address: UInt
    private let layout: OperandLayout
    private let scalarSize: Int
    /// From the first byte to the last one; `nil` without elements.
    private let range: ClosedRange<UInt>?

    init(
        _ pointer: UnsafeRawPointer, _ layout: OperandLayout, scalarSize: Int, _ name: String
    ) throws(Refusal) {
        try expectAlignment(of: pointer, scalarSize, name)
        address = UInt(bitPattern: pointer)
        self.layout = layout
        self.scalarSize = scalarSize
        guard !layout.isEmpty else {
            range = nil
            return
        }
        let below = UInt(-layout.lowest * scalarSize)
        let (last, overflows) = address.addingReportingOverflow(
            UInt(layout.highest * scalarSize + scalarSize - 1))
        try expect(
            address > below && !overflows,
            "expected the \(name) within the address space, got elements beyond its ends")
        range = address - below...last
    }

    func pointer<Scalar>(_ type: Scalar.Type) -> UnsafeMutablePointer<Scalar> {
        UnsafeMutablePointer(bitPattern: address)!
    }

    /// Whether both have a scalar in common.
    func overlaps(_ other: Placement) -> Bool {
        guard let range, let otherRange = other.range, range.overlaps(otherRange) else { return false }
        let distance = Int(bitPattern: other.address &- address)
        return Overlap.exists(layout, other.layout, distance: distance / scalarSize)
    }
}
