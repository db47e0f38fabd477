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
        address = UInt(bitPattern: pointer)
        self.layout = layout
        self.scalarSize = scalarSize
        guard !layout.isEmpty else {
            try expectAlignment(of: pointer, scalarSize, name)
            range = nil
            return
        }
        range = try Self.bytes(pointer, layout.lowest...layout.highest, scalarSize: scalarSize, name)
    }

    /// The addresses of scalars at such offsets from a pointer, which is refused if it is misaligned.
    static func bytes(
        _ pointer: UnsafeRawPointer, _ offsets: ClosedRange<Int>, scalarSize: Int, _ name: String
    ) throws(Refusal) -> ClosedRange<UInt> {
        try expectAlignment(of: pointer, scalarSize, name)
        let address = UInt(bitPattern: pointer)
        let below = UInt(-offsets.lowerBound * scalarSize)
        let (last, overflows) = address.addingReportingOverflow(
            UInt(offsets.upperBound * scalarSize + scalarSize - 1))
        try expect(
            address > below && !overflows,
            "expected the \(name) within the address space, got elements beyond its ends")
        return address - below...last
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
