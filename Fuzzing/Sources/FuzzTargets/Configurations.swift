import Archives
import Convolution
import Foundation
import Terminator
import Training
import YAMLConfiguration

extension FuzzTarget {
    /// Configurations in both formats, whole and by fields.
    static let configurations = [
        FuzzTarget("json-configuration") { bytes in try readConfiguration(bytes, as: JSONFormat.self) },
        FuzzTarget("yaml-configuration") { bytes in try readConfiguration(bytes, as: YAMLFormat.self) },
        FuzzTarget("json-setting") { bytes in try takeSetting(bytes, as: JSONFormat.self) },
        FuzzTarget("yaml-setting") { bytes in try takeSetting(bytes, as: YAMLFormat.self) },
    ]

    private static func readConfiguration<Format: ConfigurationFormat>(
        _ bytes: UnsafeRawBufferPointer, as format: Format.Type
    ) throws {
        let file = InputFolder.write(bytes)
        var updated = NetworkPreset.sMNIST.configuration
        try? updated.update(contentsOf: file, as: format)
        let configuration = try NetworkConfiguration(contentsOf: file, as: format)
        // What is valid can be written, and reads back equal.
        let copy = InputFolder.write(Array(configuration.json.utf8), to: "copy.json")
        let read = try NetworkConfiguration(contentsOf: copy)
        precondition(read == configuration)
    }

    private static func takeSetting<Format: ConfigurationFormat>(
        _ bytes: UnsafeRawBufferPointer, as format: Format.Type
    ) throws {
        var configuration = NetworkPreset.sMNIST.configuration
        try configuration.update(setting: String(decoding: bytes, as: UTF8.self), as: format)
        try configuration.validate()
        let copy = InputFolder.write(Array(configuration.json.utf8), to: "copy.json")
        let read = try NetworkConfiguration(contentsOf: copy)
        precondition(read == configuration)
    }

    /// FFTW's wisdom, with the first line that belongs to it.
    static let wisdom = FuzzTarget("wisdom") { bytes in
        Wisdom.directory = nil
        var checksum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let whole = Array(
            "long-convolution wisdom 1 Float \(bytes.count) \(String(checksum, radix: 16))\n".utf8)
        let path = whole.withUnsafeBytes { InputFolder.write([$0, bytes]) }
        defer { Wisdom.forget(Float.self) }
        try? Wisdom.load(Float.self, from: path)
        // And as it is, for the first line itself.
        try Wisdom.load(Float.self, from: InputFolder.write(bytes))
    }

    /// A tar archive of one wanted file.
    static let tar = FuzzTarget("tar") { bytes in
        let file = ExpectedFile("file", byteCount: 100, digest: .sha256(""))
        let target = InputFolder.path + "/unpacked"
        mkdir(target, 0o700)
        defer { try? FileManager.default.removeItem(atPath: target) }
        try unpack([file], of: InputFolder.write(bytes), from: "folder", into: target)
    }
}
