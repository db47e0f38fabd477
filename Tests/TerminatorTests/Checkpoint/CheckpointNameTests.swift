import Tensors
import Terminator
import TestSupport
import Testing

/// A module whose parameters have names that `String` takes for equal.
private struct Twins: Module {
    var one = Tensor(1)
    var two = Tensor(2)
    /// "é" as one code point and as two.
    static let names = ["\u{E9}", "e\u{301}"]

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try body(Self.names[0], &one)
        try body(Self.names[1], &two)
    }
}

/// Tensors in checkpoints that are not those of a network: names that look alike, types of any kind.
@Suite struct CheckpointNameTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("model.safetensors") }

    init() throws { folder = try TemporaryFolder() }

    @Test func parametersAreFoundByTheirCodePoints() throws {
        try Twins(one: Tensor(3), two: Tensor(4)).saveParameters(to: path)
        var twins = Twins()
        try twins.loadParameters(from: path)
        #expect(twins.one.scalar == 3 && twins.two.scalar == 4)

        try Safetensors.write([(Twins.names[0], Tensor(5))], to: path)
        let missing = CheckpointError.missing(path: path, parameter: Twins.names[1])
        #expect(throws: missing) { try twins.loadParameters(from: path) }
        #expect(twins.one.scalar == 3)
    }

    /// A shape is bounded by the file's size where the type is known, and by nothing where it is not.
    @Test func aTensorOfAnUnknownTypeIsNamed() throws {
        var numbers = RandomNumbers(seed: 1)
        try Network(smallConfiguration(), using: &numbers).save(to: path)
        let file = try Safetensors(contentsOf: path)
        var header =
            "{\"__metadata__\":{\"configuration\":"
            + "\"\(file.metadata["configuration"]!.replacing("\"", with: "\\\""))\"},"
            + "\"odd\":{\"dtype\":\"X9\",\"shape\":[\(Int.max),\(Int.max)],\"data_offsets\":[0,0]}}"
        let least = CheckpointError.configuration(
            path: path, reason: "the configuration in the metadata needs more parameters than the file holds")
        var length = header.utf8.count
        var bytes: [UInt8] = []
        for _ in 0..<8 {
            bytes.append(UInt8(length & 0xFF))
            length >>= 8
        }
        header.withUTF8 { bytes += $0 }
        _ = try folder.write(bytes, to: "model.safetensors")
        #expect(throws: least) { try Network(contentsOf: path) }
    }
}
