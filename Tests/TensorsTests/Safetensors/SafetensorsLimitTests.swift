import TestSupport
import Testing

@testable import Tensors

/// Headers of many names and axes.
@Suite struct SafetensorsLimitTests {
    private let file: SafetensorsFile

    init() throws { file = try SafetensorsFile() }

    private func defect(_ header: String) throws -> SafetensorsDefect? {
        try file.write(header)
        do throws(SafetensorsError) {
            _ = try Safetensors(contentsOf: file.path)
            return nil
        } catch {
            guard case .malformed(file.path, let defect) = error else { throw error }
            return defect
        }
    }

    @Test func tensors() throws {
        let limit = SafetensorsHeader.largestNameCount
        var entries = (0..<limit).map { "\"\($0)\":{\"dtype\":\"\",\"shape\":[],\"data_offsets\":[0,0]}" }
        try file.write("{" + entries.joined(separator: ",") + "}")
        let whole = try Safetensors(contentsOf: file.path)
        #expect(whole.names.count == limit && whole.names[limit - 1] == "\(limit - 1)")
        entries.append(entries[0])
        #expect(
            try defect("{" + entries.joined(separator: ",") + "}") == .tooMany("tensors", limit: limit))
    }

    @Test func texts() throws {
        let limit = SafetensorsHeader.largestNameCount
        var entries = (0..<limit).map { "\"\($0)\":\"\"" }
        try file.write("{\"__metadata__\":{" + entries.joined(separator: ",") + "}}")
        let whole = try Safetensors(contentsOf: file.path)
        #expect(
            whole.metadataEntries.count == limit && whole.metadata(named: "\(limit - 1)")?.isEmpty == true)
        entries.append("\"one more\":\"\"")
        #expect(
            try defect("{\"__metadata__\":{" + entries.joined(separator: ",") + "}}")
                == .tooMany("texts", limit: limit))
    }

    @Test func axes() throws {
        let limit = SafetensorsHeader.largestRank
        for (count, expected) in [(limit, nil), (limit + 1, SafetensorsDefect.tooMany("axes", limit: limit))]
        {
            let shape = [String](repeating: "0", count: count).joined(separator: ",")
            #expect(try defect("{\"a\":\(file.entry("F32", "[\(shape)]", 0, 0))}") == expected)
        }
        let offsets = [String](repeating: "0", count: limit + 1).joined(separator: ",")
        #expect(
            try defect("{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[\(offsets)]}}")
                == .tooMany("offsets", limit: limit))
    }

    /// What would not be read is not written.
    @Test func writing() throws {
        func reason(_ tensors: [(name: String, tensor: Tensor)], integers: Int = 0) -> String? {
            do throws(SafetensorsError) {
                let lists = (0..<integers).map { (name: "\($0)", values: [Int32]()) }
                try Safetensors.write(tensors, integers: lists, to: file.path)
                return nil
            } catch {
                guard case .unwritable(file.path, let reason) = error else { return "\(error)" }
                return reason
            }
        }
        let deep = { Tensor(shape: [Int](repeating: 1, count: $0), repeating: 1) }
        #expect(reason([("a", deep(255))]) == nil)
        #expect(try Safetensors(contentsOf: file.path).shape(of: "a").count == 255)
        #expect(reason([("a", deep(256))]) == "expected at most 255 axes, got 256")
        #expect(reason([("a", deep(1))], integers: 1 << 19) == "expected at most 524288 tensors, got 524289")
        #expect(try Safetensors(contentsOf: file.path).names == ["a"])
    }

    @Test func metadataTwice() throws {
        #expect(
            try defect("{\"__metadata__\":{},\"\\u005f_metadata__\":{}}") == .duplicateName("__metadata__"))
    }

    /// Escape sequences at both ends of a text, next to each other and between characters of several bytes; tensors of no
    /// bytes in the order of the header, others in that of their data.
    @Test func textsAndOrder() throws {
        let header =
            "{\"b\":\(file.entry("U8", "[1]", 1, 2)),\"e\":\(file.entry("U8", "[0]", 1, 1)),"
            + "\"d\":\(file.entry("U8", "[0]", 1, 1)),\"a\":\(file.entry("U8", "[1]", 0, 1)),"
            + "\"__metadata__\":{\"k\":\"\\u00e9é\\n\\ud83D\\ude00x\\t\"}}"
        try file.write(header, data: [0, 0])
        let whole = try Safetensors(contentsOf: file.path)
        #expect(whole.names == ["a", "e", "d", "b"])
        #expect(whole.metadata(named: "k")?.unicodeScalars.elementsEqual("éé\n😀x\t".unicodeScalars) == true)
    }
}
