import CLongConvolution
import Convolution

/// The operands of one call, checked: those that it takes are there, lie where their layouts say within the address space, and
/// what is written overlaps nothing.
struct CallOperands: Sendable {
    /// The threads that the call may use.
    let threads: ChosenThreads
    private let placements: [Placement?]

    /// The bytes of version 1, which ends before the ungated outputs.
    private static let earlierSizes = [MemoryLayout<longconv_operands>.offset(of: \.ungated_output)!]

    /// - Parameters:
    ///   - required: What the call needs; an empty operand may be null.
    ///   - optional: What the call takes besides.
    ///   - layouts: By operand.
    ///   - scalarSize: The bytes of a scalar.
    init(
        _ pointer: UnsafePointer<longconv_operands>?, required: [Operand], optional: [Operand] = [],
        layouts: [OperandLayout], scalarSize: Int
    ) throws(Refusal) {
        let fields = try versioned(
            pointer, version: LONGCONV_OPERANDS_VERSION, earlierSizes: Self.earlierSizes, "longconv_operands")
        threads = try ChosenThreads(fields.threads)
        try expect(fields.reserved == 0, "expected reserved 0, got \(fields.reserved)")
        var placements = [Placement?](repeating: nil, count: Operand.allCases.count)
        for operand in Operand.allCases {
            let layout = layouts[operand.rawValue]
            guard let pointer = operand.pointer(in: fields) else {
                try expect(
                    !required.contains(operand) || layout.isEmpty, "expected \(operand.name), got null")
                continue
            }
            try expect(
                required.contains(operand) || optional.contains(operand),
                "expected null for \(operand.name), which this call does not take, got \(pointer)")
            placements[operand.rawValue] = try Placement(
                pointer, layout, scalarSize: scalarSize, operand.name)
        }
        self.placements = placements
        for written in Operand.allCases where written.isWritten {
            for other in Operand.allCases where !other.isWritten || other.rawValue > written.rawValue {
                guard let a = placements[written.rawValue], let b = placements[other.rawValue] else {
                    continue
                }
                try expect(
                    !a.overlaps(b),
                    "expected \(written.name) apart from \(other.name), got memory that overlaps")
            }
        }
    }

    /// Where the elements of an operand begin; `nil` if the call has none of it.
    func pointer<Scalar>(_ operand: Operand, _ type: Scalar.Type) -> UnsafeMutablePointer<Scalar>? {
        placements[operand.rawValue]?.pointer(type)
    }

    func contains(_ operand: Operand) -> Bool { placements[operand.rawValue] != nil }
}
