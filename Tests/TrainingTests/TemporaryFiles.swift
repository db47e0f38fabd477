import CZlib
import TestSupport

extension TemporaryFolder {
    /// Writes `bytes`, compressed, to a new file and answers its path.
    func writeCompressed(_ chunks: some Sequence<[UInt8]>, to name: String) throws -> String {
        let output = gzopen(file(name), "wb9")
        for chunk in chunks { gzwrite(output, chunk, UInt32(chunk.count)) }
        gzclose(output)
        return file(name)
    }
}

/// The bytes of an IDX file.
func idx(_ shape: [Int], type: UInt8 = 0x08, _ bytes: [UInt8]) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)]
        + shape.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } } + bytes
}
