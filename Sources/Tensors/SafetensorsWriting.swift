import Foundation

extension Safetensors {
    /// Writes the tensors, in the given order and with scalars of 32 bits, to a file at `path`.
    ///
    /// The file is written under another name and then put in place: one that was there before stays as it was
    /// until the new one is whole. Names must differ from each other and from `__metadata__`.
    ///
    /// - Throws: ``SafetensorsError/unwritable(path:reason:)``.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
    ) throws(SafetensorsError) {
        var fields: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var names: Set<String> = ["__metadata__"]
        var end = 0
        for (name, tensor) in tensors {
            precondition(names.insert(name).inserted, "expected names that differ, got '\(name)' twice")
            let begin = end
            end += tensor.count * MemoryLayout<Float>.size
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            fields.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}")
        }
        var header = Array("{\(fields.joined(separator: ","))}".utf8)
        // Spaces put the data on a multiple of eight bytes.
        header.append(contentsOf: repeatElement(0x20, count: (8 - header.count % 8) % 8))

        var data = Data(capacity: 8 + header.count + end)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: header)
        for (_, tensor) in tensors {
            tensor.withScalars { scalars in
                #if _endian(little)
                data.append(contentsOf: UnsafeRawBufferPointer(scalars))
                #else
                for scalar in scalars {
                    withUnsafeBytes(of: scalar.bitPattern.littleEndian) { data.append(contentsOf: $0) }
                }
                #endif
            }
        }
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .unwritable(path: path, reason: systemReason(error))
        }
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
