/// CRC-32C, the cyclic redundancy check with Castagnoli's polynomial, and the form of it that event files have.
///
/// zlib, which the package has besides, computes CRC-32, of another polynomial.
enum CyclicRedundancyCheck {
    /// What each byte does to the remainder; 0x82F63B78 is the polynomial 0x1EDC6F41, its bits in the other order.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { remainder, _ in
            remainder & 1 == 0 ? remainder >> 1 : remainder >> 1 ^ 0x82F6_3B78
        }
    }

    /// The CRC-32C of `bytes` (RFC 3720, appendix B.4).
    static func crc32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { remainder, byte in
            remainder >> 8 ^ table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
        }
    }

    /// The CRC-32C, rotated and offset, because the checks of data that hold checks are weak.
    static func maskedCRC32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let crc = crc32C(bytes)
        return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    }
}
