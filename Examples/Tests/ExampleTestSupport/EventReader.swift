import Foundation

/// A field of a message on the wire.
public enum WireValue: Equatable, Sendable {
    /// A whole number, or the bits of one that is not.
    case number(UInt64)
    /// Text, a message, or several numbers.
    case bytes([UInt8])

    /// The bits of a `double`.
    public var double: Double? { if case .number(let bits) = self { Double(bitPattern: bits) } else { nil } }

    /// The bits of a `float`.
    public var float: Float? {
        if case .number(let bits) = self { Float(bitPattern: UInt32(bits)) } else { nil }
    }

    /// The bytes as text.
    public var text: String? {
        if case .bytes(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    /// The values of a packed field of doubles.
    public var doubles: [Double]? {
        guard case .bytes(let bytes) = self else { return nil }
        return stride(from: 0, to: bytes.count, by: 8).map {
            Double(bitPattern: littleEndian(bytes[$0..<$0 + 8]))
        }
    }
}

/// A message on the wire: its fields with their numbers, read without generated code.
public struct WireMessage: Sendable {
    /// The fields in their order.
    public private(set) var fields: [(number: Int, value: WireValue)] = []

    /// Reads the fields of a message.
    public init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        func varint() throws -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: 0, to: 64, by: 7) {
                guard let byte = rest.popFirst() else { throw ReadingError() }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            throw ReadingError()
        }
        func take(_ count: Int) throws -> [UInt8] {
            guard count <= rest.count else { throw ReadingError() }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        while !rest.isEmpty {
            let key = try varint()
            let value: WireValue =
                switch key & 7 {
                case 0: .number(try varint())
                case 1: .number(littleEndian(try take(8)[...]))
                case 2: .bytes(try take(Int(try varint())))
                case 5: .number(littleEndian(try take(4)[...]))
                default: throw ReadingError()
                }
            fields.append((Int(key >> 3), value))
        }
    }

    /// The last field of a number, if there is one.
    public subscript(number: Int) -> WireValue? { fields.last { $0.number == number }?.value }

    /// The message in a field.
    public func message(_ number: Int) throws -> WireMessage {
        guard case .bytes(let bytes) = self[number] else { throw ReadingError() }
        return try WireMessage(bytes)
    }

    /// The messages in the fields of a number.
    public func messages(_ number: Int) throws -> [WireMessage] {
        try fields.filter { $0.number == number }.map { field in
            guard case .bytes(let bytes) = field.value else { throw ReadingError() }
            return try WireMessage(bytes)
        }
    }
}

/// What was read is not what it should be.
public struct ReadingError: Error {
    /// An error without particulars.
    public init() {}
}

/// A number of up to eight bytes, the least significant first.
public func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

/// CRC-32C bit by bit, straight from the division of polynomials, masked as event files have it.
public func maskedCheck(_ bytes: [UInt8]) -> UInt64 {
    var remainder: UInt32 = ~0
    for bit in 0..<8 * bytes.count {
        let isOdd = remainder ^ UInt32(bytes[bit / 8] >> (bit % 8)) & 1
        remainder >>= 1
        if isOdd & 1 == 1 { remainder ^= 0x82F6_3B78 }
    }
    let crc = ~remainder
    return UInt64((crc >> 15 | crc << 17) &+ 0xA282_EAD8)
}

/// The events of an event file whose checks all hold.
public func events(in path: String) throws -> [WireMessage] {
    var rest = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))[...]
    var events: [WireMessage] = []
    while !rest.isEmpty {
        guard rest.count >= 16 else { throw ReadingError() }
        let length = Array(rest.prefix(8))
        let count = Int(littleEndian(length[...]))
        guard littleEndian(rest.dropFirst(8).prefix(4)) == maskedCheck(length), rest.count >= count + 16
        else { throw ReadingError() }
        let data = Array(rest.dropFirst(12).prefix(count))
        guard littleEndian(rest.dropFirst(12 + count).prefix(4)) == maskedCheck(data) else {
            throw ReadingError()
        }
        events.append(try WireMessage(data))
        rest = rest.dropFirst(16 + count)
    }
    return events
}
