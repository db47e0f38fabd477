import TestSupport
import Testing

@testable import Convolution

/// Wisdom survives a round trip; what is damaged is refused whole.
@Suite(.serialized) struct WisdomTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func roundTrip() throws {
        // In a folder that is not there yet.
        let path = folder.file("new/wisdom")
        _ = try FFTWPlan<Float>(
            FFTWLayout(length: 60, count: 1, stride: 1, distance: 60, isForward: true), rigour: .measure)
        try Wisdom.save(Float.self, to: path)
        try Wisdom.load(Float.self, from: path)
        #expect(throws: ConvolutionError.self) { try Wisdom.load(Double.self, from: path) }
    }

    @Test func damageIsRefused() throws {
        let file = WisdomFile(precision: "Float", text: "(some wisdom)")
        #expect(try WisdomFile(file.contents) == file)
        let contents = file.contents
        for count in 0..<contents.count {
            #expect(throws: WisdomFile.Damage.self, "cut to \(count) bytes") {
                try WisdomFile(Array(contents.prefix(count)))
            }
        }
        for index in contents.indices where contents[index] != UInt8(ascii: " ") {
            var damaged = contents
            damaged[index] ^= 1
            let read = try? WisdomFile(damaged)
            // The precision's name is not under the checksum; `load` compares it with what it expects.
            #expect(read == nil || read?.precision != file.precision, "byte \(index) changed")
        }
    }

    @Test func unwritableAndMissingFilesAreNamed() {
        #expect(throws: ConvolutionError.wisdom(path: "/nowhere/at/all", reason: "No such file or directory"))
        {
            try Wisdom.load(Float.self, from: "/nowhere/at/all")
        }
        #expect(throws: ConvolutionError.self) { try Wisdom.save(Float.self, to: "/dev/null/wisdom") }
    }

    @Test func measuredPlansAreKeptPerMachineAndPrecision() throws {
        let before = Wisdom.directory
        Wisdom.directory = folder.file("wisdom")
        defer { Wisdom.directory = before }
        _ = try LongConvolution<Double>(length: 333, kernelLength: 333, boundary: .full, rigour: .measure)
        let path = try #require(Wisdom.automaticPath(Double.self))
        try Wisdom.load(Double.self, from: path)
        #expect(path != Wisdom.automaticPath(Float.self))
    }
}
