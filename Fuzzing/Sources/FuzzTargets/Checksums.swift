/// The checksums of the formats, which hardly any mutation gets right.
enum Checksums {
    /// CRC-32 as in PNG and gzip: the polynomial 0xEDB88320, bits reflected.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { $0 >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }

    private static let remainders: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
    }

    /// Adler-32 as in zlib: the sum of the bytes from 1 on, and the sum of those sums, modulo 65521.
    static func adler32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let (sum, sumOfSums) = bytes.reduce((1, 0) as (UInt32, UInt32)) {
            let sum = ($0.0 + UInt32($1)) % 65521
            return (sum, ($0.1 + sum) % 65521)
        }
        return sumOfSums << 16 | sum
    }

    /// FNV-1a in 64 bits, as in the first line of wisdom files.
    static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
