import Convolution
import Foundation

extension FuzzTarget {
    /// FFTW's wisdom: as it is, for the first line of a file, and with the first line that belongs to it.
    static let wisdom = FuzzTarget("wisdom") { bytes in
        Wisdom.directory = nil
        defer { Wisdom.forget(Float.self) }
        let checksum = String(Checksums.fnv1a(bytes), radix: 16)
        let line = "long-convolution wisdom 1 Float \(bytes.count) \(checksum)\n"
        let path = Array(line.utf8).withUnsafeBytes { InputFolder.write([$0, bytes]) }
        try? Wisdom.load(Float.self, from: InputFolder.write(bytes, to: "unchanged"))
        try Wisdom.load(Float.self, from: path)
        // A plan that follows the wisdom convolves, and what FFTW then knows can be kept.
        checkConvolution()
        let kept = InputFolder.path + "/kept"
        defer { unlink(kept) }
        withoutError {
            try Wisdom.save(Float.self, to: kept)
            try Wisdom.load(Float.self, from: kept)
        }
    }

    /// A convolution whose transforms are planned for this call, by what FFTW knows. Its outputs are the numbers from 1 on, to
    /// about 1e-4: the rounding error of transforms of 512 points, for operands of norm 16.
    private static func checkConvolution() {
        let length = 256
        PlanCache.removeAll()
        defer { PlanCache.removeAll() }
        let ones = [Float](repeating: 1, count: length)
        let outputs = withoutError {
            try LongConvolution<Float>(
                length: length, kernelLength: length, boundary: .causal, rigour: .measure)(ones, ones)
        }
        precondition(outputs.indices.allSatisfy { abs(outputs[$0] - Float($0 + 1)) < 0.01 })
    }

    /// What FFTW measured for such a convolution, without the first line of the file.
    static func measuredWisdom() throws -> [UInt8] {
        Wisdom.directory = nil
        checkConvolution()
        let path = InputFolder.path + "/wisdom"
        try Wisdom.save(Float.self, to: path)
        let contents = try Data(contentsOf: URL(fileURLWithPath: path))
        return [UInt8](contents.drop { $0 != UInt8(ascii: "\n") }.dropFirst())
    }
}
