/// Inputs with the lengths and checksums that their readers verify first, so that mutations get behind them.
enum Repair {
    private static let signatureOfPNG: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// A PNG file of the chunks in the input, each with the length and the checksum that it has. Pixels that do not begin like
    /// compressed ones are stored, which makes scanlines of whatever the input has.
    static func png(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        var file = signatureOfPNG
        var rest = input[...]
        if rest.starts(with: signatureOfPNG) { rest = rest.dropFirst(signatureOfPNG.count) }
        while rest.count >= 8 {
            let announced = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let type = Array(rest.dropFirst(4).prefix(4))
            var data = Array(rest.dropFirst(8).prefix(announced))
            rest = rest.dropFirst(8 + data.count + 4)
            if type == Array("IDAT".utf8), !isZlib(data) { data = zlib(stored: data) }
            file += bigEndian(UInt32(data.count)) + type + data
            file += bigEndian(Checksums.crc32(type + data))
        }
        return file
    }

    /// A tar archive whose headers have the right checksums: the sum of a header's bytes, with spaces in place of the checksum.
    static func tar(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let (block, checksum, size) = (512, 148..<156, 124..<136)
        var file = [UInt8](input)
        file += [UInt8](repeating: 0, count: (block - file.count % block) % block)
        var header = 0
        while header < file.count {
            let place = (header + checksum.lowerBound)..<(header + checksum.upperBound)
            file.replaceSubrange(place, with: repeatElement(UInt8(ascii: " "), count: checksum.count))
            let sum = file[header..<header + block].reduce(0) { $0 + Int($1) }
            // A block of zeros alone is the end of the archive, not a header.
            guard sum > checksum.count * 32 else {
                file.replaceSubrange(place, with: repeatElement(0, count: checksum.count))
                header += block
                continue
            }
            let digits = String(sum, radix: 8)
            let text = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
            file.replaceSubrange(place, with: Array(text.utf8))
            let octal = file[header + size.lowerBound..<header + size.upperBound].filter { 0x30...0x37 ~= $0 }
            let byteCount = Int(String(decoding: octal, as: UTF8.self), radix: 8) ?? 0
            header += block * (1 + (min(byteCount, file.count) + block - 1) / block)
        }
        return file
    }

    /// The members of a gzip file, and what they hold together: the input is a sequence of lengths and bytes.
    static func gzip(_ input: UnsafeRawBufferPointer) -> (file: [UInt8], contents: [UInt8]) {
        var (file, contents): ([UInt8], [UInt8]) = ([], [])
        var rest = input[...]
        while let length = rest.popFirst() {
            let member = Array(rest.prefix(Int(length)))
            rest = rest.dropFirst(member.count)
            // Deflated, without flags, a time or a system.
            file += [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + deflate(stored: member)
            file += bigEndian(Checksums.crc32(member)).reversed() + bigEndian(UInt32(member.count)).reversed()
            contents += member
        }
        return (file, contents)
    }

    /// Whether bytes begin as RFC 1950 has it: the method 8, and a multiple of 31.
    private static func isZlib(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 2 && bytes[0] & 15 == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
    }

    private static func zlib(stored bytes: [UInt8]) -> [UInt8] {
        [0x78, 0x01] + deflate(stored: bytes) + bigEndian(Checksums.adler32(bytes))
    }

    /// Blocks of up to 65535 bytes that are stored (RFC 1951, 3.2.4); the last one has the lowest bit set.
    private static func deflate(stored bytes: [UInt8]) -> [UInt8] {
        var (stream, rest): ([UInt8], ArraySlice<UInt8>) = ([], bytes[...])
        repeat {
            let block = rest.prefix(65535)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            stream.append(rest.isEmpty ? 1 : 0)
            for number in [length, ~length] { stream += [UInt8(number & 255), UInt8(number >> 8)] }
            stream += block
        } while !rest.isEmpty
        return stream
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
