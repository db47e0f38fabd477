import Runtime

/// An array of unsigned bytes in the IDX format of the MNIST database.
///
/// An IDX file begins with two zero bytes, the code of the element type and the number of axes; the size of each axis
/// follows (32 bits, big-endian), then the elements in row-major order.
///
/// Source: Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*,
/// <http://yann.lecun.com/exdb/mnist/>.
public struct IDXArray: Equatable, Sendable {
    /// The size of each axis, none of them zero.
    public let shape: [Int]
    /// The elements in row-major order.
    public let bytes: [UInt8]

    private static let unsignedByte: UInt8 = 0x08
    private static let codesOfTypes: Set<UInt8> = [0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E]

    /// Reads the file at the path `file`, plain or gzip-compressed, which must hold an array of `rank` axes.
    ///
    /// The whole file is checked: it must hold exactly what its header announces. No more is read or inflated than
    /// the header announces, and nothing if that is more than `maximumByteCount`. A compressed file of *n* bytes may inflate
    /// to 64 MiB + 256 *n* bytes.
    ///
    /// - Throws: ``DataFileError``.
    /// - Complexity: O(*n*) time and memory, where *n* is the number of elements.
    public init(contentsOf file: String, rank: Int, maximumByteCount: Int = 1 << 30) throws(DataFileError) {
        try self.init(ByteStream(path: file), rank: rank, maximumByteCount: maximumByteCount)
    }

    /// - Parameter refusal: Why an array of a shape is not wanted: it is refused before its elements are read.
    init(
        _ stream: ByteStream, rank: Int, maximumByteCount: Int = 1 << 30,
        refusal: ([Int]) -> DataFileError.Reason? = { _ in nil }
    ) throws(DataFileError) {
        require(
            1...255 ~= rank && maximumByteCount >= 0,
            "expected 1 to 255 axes and a maximum of at least 0 bytes, got \(rank) and \(maximumByteCount)")
        func refused(_ reason: DataFileError.Reason) -> DataFileError {
            DataFileError(file: stream.path, reason: reason)
        }

        let magic = try stream.read(upTo: 4)
        guard magic.count == 4 else { throw refused(.truncated(expectedBytes: 4, foundBytes: magic.count)) }
        guard magic[0] == 0, magic[1] == 0, Self.codesOfTypes.contains(magic[2]) else {
            throw refused(.notIDX(foundBytes: magic))
        }
        guard magic[2] == Self.unsignedByte else { throw refused(.elementType(foundCode: magic[2])) }
        guard magic[3] == rank else { throw refused(.rank(expected: rank, found: Int(magic[3]))) }

        let sizes = try stream.read(upTo: 4 * rank)
        let headerByteCount = 4 + 4 * rank
        guard sizes.count == 4 * rank else {
            throw refused(.truncated(expectedBytes: headerByteCount, foundBytes: 4 + sizes.count))
        }
        shape = (0..<rank).map { axis in sizes[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) } }
        if let axis = shape.firstIndex(of: 0) { throw refused(.emptyAxis(axis)) }

        var count = 1
        for size in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows, product <= maximumByteCount else {
                throw refused(.tooLarge(shape: shape, maximumBytes: maximumByteCount))
            }
            count = product
        }
        if let reason = refusal(shape) { throw refused(reason) }

        bytes = try stream.read(upTo: count)
        guard bytes.count == count else {
            throw refused(
                .truncated(expectedBytes: headerByteCount + count, foundBytes: headerByteCount + bytes.count))
        }
        // Reading past the end also lets zlib check the length and the checksum.
        guard try stream.read(upTo: 1).isEmpty else {
            throw refused(.trailingBytes(expectedBytes: headerByteCount + count))
        }
    }
}
