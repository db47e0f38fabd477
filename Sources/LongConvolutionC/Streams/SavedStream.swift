import CLongConvolution
import Convolution

/// The state of a stream as bytes: a mark, numbers of 64 bits, the values, and a checksum of all that; in the order of bytes of
/// the machine.
struct SavedStream<Scalar: ConvolutionScalar> {
    let state: StreamingState<Scalar>
    /// The beginning of a block, `[C, N]`; nothing for streams of single samples.
    let pending: [Scalar]
    let pendingCount: Int

    init(state: StreamingState<Scalar>, pending: [Scalar], pendingCount: Int) {
        self.state = state
        self.pending = pending
        self.pendingCount = pendingCount
    }

    // MARK: - Writing

    private static var mark: UInt64 { 0x3130_6D61_6572_7473 }  // "stream01" as bytes
    private static var bitsOfScalar: UInt64 { UInt64(MemoryLayout<Scalar>.size * 8) }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        let numbers: [UInt64] =
            [Self.mark, Self.bitsOfScalar, state.form == .sample ? 1 : 2]
            + [state.channels, state.kernelLength, state.blockLength, state.position, state.phase].map {
                UInt64($0)
            } + [state.kernelChecksum]
            + [pendingCount, pending.count, state.values.count].map { UInt64($0) }
        numbers.withUnsafeBytes { bytes += $0 }
        state.values.withUnsafeBytes { bytes += $0 }
        pending.withUnsafeBytes { bytes += $0 }
        withUnsafeBytes(of: Self.checksum(bytes)) { bytes += $0 }
        return bytes
    }

    // MARK: - Reading

    private static var numberCount: Int { 12 }

    /// The state that bytes say; refuses what ``bytes`` does not write.
    init(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        let headCount = Self.numberCount * 8
        try expectState(bytes.count >= headCount + 8, "of at least \(headCount + 8) bytes", "\(bytes.count)")
        let numbers = (0..<Self.numberCount).map {
            bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)
        }
        try expectState(numbers[0] == Self.mark, "with the mark of a stream", "another")
        try expectState(numbers[1] == Self.bitsOfScalar, "of \(Self.bitsOfScalar) bits", "\(numbers[1])")
        let body = UnsafeRawBufferPointer(rebasing: bytes.dropLast(8))
        let (pendingCount, pendingTotal, valueCount) = (numbers[9], numbers[10], numbers[11])
        let limit = UInt64(body.count)
        let found = body.count - headCount
        try expectState(
            pendingTotal <= limit && valueCount <= limit
                && Int(pendingTotal + valueCount) * MemoryLayout<Scalar>.size == found,
            "of \(valueCount) and \(pendingTotal) values", "\(found) bytes of them")
        let checksum = bytes.loadUnaligned(fromByteOffset: body.count, as: UInt64.self)
        try expectState(checksum == Self.checksum(body), "with its checksum", "another")
        let lastPosition = StreamingState<Scalar>.lastPosition
        for number in numbers[3...7] + [pendingCount] {
            try expectState(number <= UInt64(lastPosition), "of numbers up to \(lastPosition)", "\(number)")
        }
        try expectState(1...2 ~= numbers[2], "of the form 1 or 2", "\(numbers[2])")
        func scalars(_ first: Int, _ count: Int) -> [Scalar] {
            (0..<count).map {
                body.loadUnaligned(
                    fromByteOffset: headCount + (first + $0) * MemoryLayout<Scalar>.size, as: Scalar.self)
            }
        }
        self.init(
            state: StreamingState(
                form: numbers[2] == 1 ? .sample : .block, channels: Int(numbers[3]),
                kernelLength: Int(numbers[4]), blockLength: Int(numbers[5]), position: Int(numbers[6]),
                phase: Int(numbers[7]), kernelChecksum: numbers[8], values: scalars(0, Int(valueCount))),
            pending: scalars(Int(valueCount), Int(pendingTotal)), pendingCount: Int(pendingCount))
    }

    /// FNV-1a in 64 bits.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}

private func expectState(
    _ condition: Bool, _ expected: @autoclosure () -> String, _ found: @autoclosure () -> String
) throws(Refusal) {
    try expect(
        condition, LONGCONV_INVALID_STATE, "expected the state of a stream \(expected()), got \(found())")
}
