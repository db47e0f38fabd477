import CLongConvolution
import Convolution

/// The operands of one call, checked: those that it takes are there, lie where their layouts say within the address space, and
/// what is written overlaps nothing.
struct CallOperands: Sendable {
    /// The threads that the call may use; `nil` for the process's number.
    let threads: Int?
    private let addresses: [UInt?]

    /// - Parameters:
    ///   - required: What the call needs; an empty operand may be null.
    ///   - optional: What the call takes besides.
    ///   - layouts: By operand.
    ///   - scalarSize: The bytes of a scalar.
    init(
        _ pointer: UnsafePointer<longconv_operands>?, required: [Operand], optional: [Operand] = [],
        layouts: [OperandLayout], scalarSize: Int
    ) throws(Refusal) {
        let fields = try versioned(pointer, version: LONGCONV_OPERANDS_VERSION, "longconv_operands")
        try expect(
            0...4096 ~= fields.threads, "expected threads from 1 to 4096, or 0, got \(fields.threads)")
        try expect(fields.reserved == 0, "expected reserved 0, got \(fields.reserved)")
        threads = fields.threads == 0 ? nil : Int(fields.threads)
        var addresses = [UInt?](repeating: nil, count: Operand.allCases.count)
        for operand in Operand.allCases {
            guard let pointer = operand.pointer(in: fields) else {
                try expect(
                    !required.contains(operand) || layouts[operand.rawValue].isEmpty,
                    "expected \(operand.name), got null")
                continue
            }
            try expect(
                required.contains(operand) || optional.contains(operand),
                "expected null for \(operand.name), which this call does not take, got \(pointer)")
            try expectAlignment(of: pointer, scalarSize, operand.name)
            addresses[operand.rawValue] = UInt(bitPattern: pointer)
        }
        self.addresses = addresses
        for operand in Operand.allCases where range(operand, layouts, scalarSize) == nil {
            guard addresses[operand.rawValue] != nil, !layouts[operand.rawValue].isEmpty else { continue }
            throw Refusal(
                LONGCONV_INVALID_ARGUMENT,
                "expected \(operand.name) within the address space, got elements beyond its ends")
        }
        for written in Operand.allCases where written.isWritten {
            for other in Operand.allCases
            where other != written && (!other.isWritten || other.rawValue > written.rawValue) {
                try expect(
                    !overlap(written, other, layouts, scalarSize),
                    "expected \(written.name) apart from \(other.name), got memory that overlaps")
            }
        }
    }

    /// Where the elements of an operand begin; `nil` if the call has none of it.
    func pointer<Scalar>(_ operand: Operand, _ type: Scalar.Type) -> UnsafeMutablePointer<Scalar>? {
        addresses[operand.rawValue].flatMap { UnsafeMutablePointer(bitPattern: $0) }
    }

    func contains(_ operand: Operand) -> Bool { addresses[operand.rawValue] != nil }

    /// Calls `body` with the number of threads that the call chose.
    func withThreads(_ body: () throws(Refusal) -> Void) throws(Refusal) {
        guard let threads else { return try body() }
        // `withCount` forgets the error's type.
        var refusal: Refusal?
        Threads.withCount(threads) {
            do throws(Refusal) { try body() } catch { refusal = error }
        }
        if let refusal { throw refusal }
    }

    /// The first address of an operand, and the last one of its last scalar; `nil` if it has no elements or they lie
    /// beyond the ends of the address space.
    private func range(
        _ operand: Operand, _ layouts: [OperandLayout], _ scalarSize: Int
    ) -> ClosedRange<UInt>? {
        let layout = layouts[operand.rawValue]
        guard let address = addresses[operand.rawValue], !layout.isEmpty else { return nil }
        let below = UInt(-layout.lowest * scalarSize)
        let (last, overflows) = address.addingReportingOverflow(
            UInt(layout.highest * scalarSize + scalarSize - 1))
        guard address >= below, address - below > 0, !overflows else { return nil }
        return address - below...last
    }

    private func overlap(
        _ first: Operand, _ second: Operand, _ layouts: [OperandLayout], _ scalarSize: Int
    ) -> Bool {
        guard let a = range(first, layouts, scalarSize), let b = range(second, layouts, scalarSize),
            a.overlaps(b)
        else { return false }
        let distance = Int(bitPattern: addresses[second.rawValue]! &- addresses[first.rawValue]!)
        return Overlap.exists(
            layouts[first.rawValue], layouts[second.rawValue], distance: distance / scalarSize)
    }
}
