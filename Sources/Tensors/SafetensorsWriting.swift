import Foundation
import Runtime

extension Safetensors {
    /// Writes the tensors, in the given order and with scalars of 32 bits, to a file at `path`, and behind them lists of
    /// integers.
    ///
    /// The file is written under another name and then put in place: one that was there before stays as it was
    /// until the new one is whole. Names must differ from each other and from `__metadata__`.
    ///
    /// - Throws: ``SafetensorsError/unwritable(path:reason:)``.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], integers: [(name: String, values: [Int32])] = [],
        metadata: [String: String] = [:], to path: String
    ) throws(SafetensorsError) {
        var header = HeaderWriter(metadata: metadata)
        for (name, tensor) in tensors { header.add(name, type: .float32, shape: tensor.shape) }
        for (name, values) in integers { header.add(name, type: .int32, shape: [values.count]) }
        var data = header.data
        for (_, tensor) in tensors { tensor.withScalars { append($0, to: &data, bits: \.bitPattern) } }
        for (_, values) in integers {
            values.withUnsafeBufferPointer { append($0, to: &data, bits: { UInt32(bitPattern: $0) }) }
        }
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .unwritable(path: path, reason: systemReason(error))
        }
    }

    private static func append<Scalar>(
        _ scalars: UnsafeBufferPointer<Scalar>, to data: inout Data, bits: (Scalar) -> UInt32
    ) {
        #if _endian(little)
        data.append(contentsOf: UnsafeRawBufferPointer(scalars))
        #else
        for scalar in scalars {
            withUnsafeBytes(of: bits(scalar).littleEndian) { data.append(contentsOf: $0) }
        }
        #endif
    }
}

/// The header of a file: entries one after the other, each with the place of its data.
private struct HeaderWriter {
    private var fields: [String] = []
    private var names: Set<String> = ["__metadata__"]
    private var end = 0

    init(metadata: [String: String]) {
        guard !metadata.isEmpty else { return }
        let pairs = metadata.sorted { $0.key < $1.key }
            .map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
        fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }

    mutating func add(_ name: String, type: SafetensorsScalarType, shape: [Int]) {
        require(names.insert(name).inserted, "expected names that differ, got '\(name)' twice")
        let begin = end
        end += shape.reduce(1, *) * type.byteCount
        let extents = shape.map(String.init).joined(separator: ",")
        fields.append(
            "\(Self.quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(extents)],"
                + "\"data_offsets\":[\(begin),\(end)]}")
    }

    /// The header behind its length, with room for the data.
    var data: Data {
        var header = Array("{\(fields.joined(separator: ","))}".utf8)
        // Spaces put the data on a multiple of eight bytes.
        header.append(contentsOf: repeatElement(0x20, count: (8 - header.count % 8) % 8))
        var data = Data(capacity: 8 + header.count + end)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: header)
        return data
    }

    /// A string of JSON.
    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
