import Foundation

/// The content of a file of named tensors in the format https://huggingface.co/docs/safetensors. To write one, see
/// ``write(_:integers:metadata:to:)``.
///
/// The whole header is validated when the file is opened, so that all data lie within the file.
public struct Safetensors: Sendable {
    /// The tensors' names in the order of their data.
    public let names: [String]
    /// The metadata: text by name, as the writer chose it.
    public let metadata: [String: String]

    private let path: String
    private let entries: [String: SafetensorsHeader.Entry]
    private let bytes: [UInt8]
    private let dataStart: Int

    /// The largest length of a header, the limit of the format's reference implementation.
    private static let longestHeader = 100_000_000

    /// Reads the file at `path` into memory.
    ///
    /// - Throws: ``SafetensorsError/unreadable(path:reason:)`` or ``SafetensorsError/malformed(path:_:)``.
    public init(contentsOf path: String) throws(SafetensorsError) {
        do {
            bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .unreadable(path: path, reason: systemReason(error))
        }
        do throws(SafetensorsDefect) {
            guard bytes.count >= 8 else { throw .noHeader(byteCount: bytes.count) }
            let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let available = min(bytes.count - 8, Self.longestHeader)
            guard length <= UInt64(available) else { throw .headerLength(length, available: available) }
            dataStart = 8 + Int(length)
            let header = try SafetensorsHeader(parsing: Array(bytes[8..<dataStart]))
            try header.checkLayout(available: bytes.count - dataStart)
            metadata = header.metadata
            names = header.entries.sorted { $0.entry.range.lowerBound < $1.entry.range.lowerBound }.map(
                \.name)
            entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0.entry) })
        } catch {
            throw .malformed(path: path, error)
        }
        self.path = path
    }

    /// Returns true if there is a tensor with the given name.
    public func contains(_ name: String) -> Bool { entries[name] != nil }

    /// The shape of the named tensor.
    ///
    /// - Throws: ``SafetensorsError/missing(path:name:)``.
    public func shape(of name: String) throws(SafetensorsError) -> [Int] { try entry(name).shape }

    /// The named tensor of floating-point numbers: those of 16 bits (both formats) and 32 bits exactly, those of 64
    /// bits rounded.
    ///
    /// - Throws: ``SafetensorsError/missing(path:name:)`` or
    ///   ``SafetensorsError/wrongScalarType(path:name:expected:found:)``.
    public func tensor(named name: String) throws(SafetensorsError) -> Tensor {
        let entry = try entry(name)
        let read: (UnsafeRawBufferPointer, Int) -> Float
        switch entry.type {
        case .float64: read = { Float($0.littleEndianDouble(at: $1)) }
        case .float32: read = { Float(bitPattern: $0.littleEndian(at: $1)) }
        case .float16: read = { Float(halfPattern: $0.littleEndian(at: $1)) }
        case .bfloat16: read = { Float(bitPattern: UInt32($0.littleEndian(at: $1) as UInt16) << 16) }
        case .int64, .int32, .uint8: throw wrongType(name, entry, expected: "floating-point numbers")
        }
        return withBytes(of: entry) { bytes in
            Tensor(shape: entry.shape) { (scalars: UnsafeMutableBufferPointer<Float>) in
                for index in scalars.indices { scalars[index] = read(bytes, index) }
            }
        }
    }

    /// The scalars of the named tensor of floating-point numbers, exactly, in row-major order.
    ///
    /// - Throws: As ``tensor(named:)``.
    public func doubles(named name: String) throws(SafetensorsError) -> [Double] {
        let entry = try entry(name)
        guard entry.type == .float64 else { return try tensor(named: name).scalars.map(Double.init) }
        return withBytes(of: entry) { bytes in (0..<bytes.count / 8).map { bytes.littleEndianDouble(at: $0) }
        }
    }

    /// The scalars of the named tensor of integers, in row-major order.
    ///
    /// - Throws: As ``tensor(named:)``.
    public func integers(named name: String) throws(SafetensorsError) -> [Int] {
        let entry = try entry(name)
        let read: (UnsafeRawBufferPointer, Int) -> Int
        switch entry.type {
        case .int64: read = { Int($0.littleEndian(at: $1) as Int64) }
        case .int32: read = { Int($0.littleEndian(at: $1) as Int32) }
        case .uint8: read = { Int($0[$1]) }
        case .float64, .float32, .float16, .bfloat16: throw wrongType(name, entry, expected: "integers")
        }
        return withBytes(of: entry) { bytes in
            (0..<bytes.count / entry.type.byteCount).map { read(bytes, $0) }
        }
    }

    private func entry(_ name: String) throws(SafetensorsError) -> SafetensorsHeader.Entry {
        guard let entry = entries[name] else { throw .missing(path: path, name: name) }
        return entry
    }

    private func wrongType(_ name: String, _ entry: SafetensorsHeader.Entry, expected: String)
        -> SafetensorsError
    {
        .wrongScalarType(path: path, name: name, expected: expected, found: entry.type.rawValue)
    }

    private func withBytes<Result>(
        of entry: SafetensorsHeader.Entry, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { all in
            let range = dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound
            return body(UnsafeRawBufferPointer(rebasing: all[range]))
        }
    }
}

/// The system's description of why a file could not be read or written.
package func systemReason(_ error: any Error) -> String {
    if let cocoa = error as? CocoaError, let underlying = cocoa.underlying as? POSIXError {
        return String(cString: strerror(underlying.code.rawValue))
    }
    return error.localizedDescription
}

extension UnsafeRawBufferPointer {
    fileprivate func littleEndian<Word: FixedWidthInteger>(at index: Int) -> Word {
        Word(littleEndian: loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self))
    }

    fileprivate func littleEndianDouble(at index: Int) -> Double {
        Double(bitPattern: littleEndian(at: index))
    }
}

extension Float {
    /// The number with the given bit pattern in IEEE 754's binary16 format. `Float16` is not available on every
    /// platform.
    fileprivate init(halfPattern pattern: UInt16) {
        let sign = UInt32(pattern & 0x8000) << 16
        let exponent = UInt32(pattern >> 10 & 0x1F)
        let fraction = UInt32(pattern & 0x3FF)
        switch exponent {
        case 0: self = Float(fraction) * 0x1p-24 * (sign == 0 ? 1 : -1)
        case 31: self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
