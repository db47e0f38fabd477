import Runtime

/// A file of named tensors in the format https://huggingface.co/docs/safetensors. To write one, see
/// ``write(_:integers:doubles:metadata:to:)``.
///
/// The whole header is validated when the file is opened, so that all data lie within the file. The data stay on the disk:
/// the file is mapped into memory, and reading a tensor reads its bytes alone. What has no size, such as a pipe, is read
/// into memory.
///
/// A file may have tensors of any type, up to 2^19 of them, each of up to 255 axes, and up to 2^19 texts of metadata. Floating-point numbers are read by ``tensor(named:)`` and ``doubles(named:)``,
/// integers by ``integers(named:)``; of other tensors, name, shape and type can be read.
///
/// Names are compared by their code points: canonically equivalent ones, such as "é" as one and as two code points, are
/// different names.
///
/// Replacing the file by renaming another one, as this library does, leaves an open one as it was. A program that cuts the
/// file off in place ends those that read it.
public struct Safetensors: Sendable {
    /// The tensors' names in the order of their data.
    public let names: [String]
    /// The metadata in the order of the file: text by name, as the writer chose it.
    public let metadataEntries: [(name: String, text: String)]

    private let path: String
    private let entries: [SafetensorsHeader.Entry]
    private let indices: [ExactName: Int]
    private let file: MappedFile
    private let dataStart: Int

    /// The largest length of a header, the limit of the format's reference implementation.
    static let longestHeader = 100_000_000

    /// Opens the file at `path`.
    ///
    /// - Throws: ``SafetensorsError/unreadable(path:reason:)`` or ``SafetensorsError/malformed(path:_:)``.
    /// - Complexity: O(*n* + *t* log *t*), where *n* is the length of the header, at most 100 MB, and *t* the number of
    ///   tensors; the size of the data does not matter.
    public init(contentsOf path: String) throws(SafetensorsError) {
        do throws(FileError) {
            file = try MappedFile(path)
        } catch {
            throw .unreadable(path: path, reason: "\(error.reason)")
        }
        let byteCount = file.byteCount
        do throws(SafetensorsDefect) {
            // Copied: what is mapped could change while it is parsed.
            let bytes = try file.withBytes { (bytes) throws(SafetensorsDefect) in try Self.headerBytes(bytes)
            }
            dataStart = 8 + bytes.count
            let header = try bytes.withUnsafeBufferPointer { (bytes) throws(SafetensorsDefect) in
                try SafetensorsHeader(parsing: UnsafeRawBufferPointer(bytes))
            }
            try header.checkLayout(available: byteCount - dataStart)
            metadataEntries = header.metadata
            names = header.order.map { header.entries[$0].name }
            entries = header.entries.map(\.entry)
            indices = header.indices
        } catch {
            throw .malformed(path: path, error)
        }
        self.path = path
    }

    private static func headerBytes(_ bytes: UnsafeRawBufferPointer) throws(SafetensorsDefect) -> [UInt8] {
        guard bytes.count >= 8 else { throw .noHeader(byteCount: bytes.count) }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        let available = min(bytes.count - 8, longestHeader)
        guard length <= UInt64(available) else { throw .headerLength(length, available: available) }
        return Array(UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(length)]))
    }

    /// The metadata as a dictionary. Of names that are canonically equivalent, it has the first; ``metadataEntries`` has
    /// all.
    public var metadata: [String: String] {
        Dictionary(metadataEntries.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
    }

    /// The text of the metadata with exactly this name; `nil` if there is none.
    ///
    /// - Complexity: O(*m*), where *m* is the number of texts.
    public func metadata(named name: String) -> String? {
        metadataEntries.first { ExactName($0.name) == ExactName(name) }?.text
    }

    /// Returns true if there is a tensor with the given name.
    public func contains(_ name: String) -> Bool { indices[ExactName(name)] != nil }

    /// The shape of the named tensor.
    ///
    /// - Throws: ``SafetensorsError/missing(path:name:)``.
    public func shape(of name: String) throws(SafetensorsError) -> [Int] { try entry(name).shape }

    /// The type of the named tensor's scalars, in the format's words, such as `F32` or `BOOL`; it may be one that this
    /// library does not know.
    ///
    /// - Throws: ``SafetensorsError/missing(path:name:)``.
    public func scalarType(of name: String) throws(SafetensorsError) -> String { try entry(name).typeName }

    /// The number of scalars in all tensors whose type is known: their bytes are in the file, whereas the shapes of others
    /// may say anything.
    package var scalarCount: Int {
        entries.reduce(0) { $0 + ($1.type == nil ? 0 : $1.shape.reduce(1, *)) }
    }

    func entry(_ name: String) throws(SafetensorsError) -> SafetensorsHeader.Entry {
        guard let index = indices[ExactName(name)] else { throw .missing(path: path, name: name) }
        return entries[index]
    }

    func wrongType(
        _ name: String, _ entry: SafetensorsHeader.Entry, expected: String
    ) -> SafetensorsError {
        .wrongScalarType(path: path, name: name, expected: expected, found: entry.typeName)
    }

    func tooLarge(_ value: UInt64, at index: Int, in name: String) -> SafetensorsError {
        .integerTooLarge(path: path, name: name, index: index, found: value)
    }

    /// The bytes of a tensor, which are valid during the call only.
    func withBytes<Result, Failure: Error>(
        of entry: SafetensorsHeader.Entry, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withBytes { (bytes) throws(Failure) in
            let range = dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound
            return try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }
}
