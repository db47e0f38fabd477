import Runtime

extension Safetensors {
    /// Writes tensors as `F32`, in the given order, and then lists of integers as `I32` and numbers of double precision as
    /// `F64`, to a file at `path`.
    ///
    /// The file gets its final name only once complete; until then an existing file is unchanged. Names must differ
    /// from each other and from `__metadata__`; canonically equivalent names that differ in their code points do.
    ///
    /// - Throws: ``SafetensorsError/unwritable(path:reason:)``, also for more tensors, axes, texts or bytes of header than
    ///   are read.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], integers: [(name: String, values: [Int32])] = [],
        doubles: [(name: String, shape: [Int], values: [Double])] = [], metadata: [String: String] = [:],
        to path: String
    ) throws(SafetensorsError) {
        var header = HeaderWriter(metadata: metadata)
        for (name, tensor) in tensors { header.add(name, type: .float32, shape: tensor.shape) }
        for (name, values) in integers { header.add(name, type: .int32, shape: [values.count]) }
        for (name, shape, values) in doubles {
            require(
                shape.reduce(1, *) == values.count,
                "expected \(shape.reduce(1, *)) numbers for the shape \(shape), got \(values.count)")
            header.add(name, type: .float64, shape: shape)
        }
        let headerBytes = header.bytes
        let counts = [
            (
                "tensors", tensors.count + integers.count + doubles.count,
                limit: SafetensorsHeader.largestNameCount
            ),
            ("texts", metadata.count, limit: SafetensorsHeader.largestNameCount),
            (
                "axes", (tensors.map(\.tensor.shape.count) + doubles.map(\.shape.count)).max() ?? 0,
                limit: SafetensorsHeader.largestRank
            ),
            ("bytes of header", headerBytes.count - 8, limit: longestHeader),
        ]
        for (what, count, limit) in counts where count > limit {
            throw .unwritable(path: path, reason: "expected at most \(limit) \(what), got \(count)")
        }
        do {
            let file = try FileReplacement(of: path)
            try headerBytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
                try file.write(UnsafeRawBufferPointer(bytes))
            }
            for (_, tensor) in tensors {
                try tensor.withScalars { (scalars) throws(FileError) in
                    try append(scalars, to: file, bits: \.bitPattern)
                }
            }
            for (_, values) in integers {
                try values.withUnsafeBufferPointer { (scalars) throws(FileError) in
                    try append(scalars, to: file, bits: { UInt32(bitPattern: $0) })
                }
            }
            for (_, _, values) in doubles {
                try values.withUnsafeBufferPointer { (scalars) throws(FileError) in
                    try append(scalars, to: file, bits: \.bitPattern)
                }
            }
            try file.commit()
        } catch {
            throw .unwritable(path: path, reason: "\(error.reason)")
        }
    }

    private static func append<Scalar, Word: FixedWidthInteger>(
        _ scalars: UnsafeBufferPointer<Scalar>, to file: FileReplacement, bits: (Scalar) -> Word
    ) throws(FileError) {
        #if _endian(little)
        try file.write(UnsafeRawBufferPointer(scalars))
        #else
        let words = scalars.map { bits($0).littleEndian }
        try words.withUnsafeBufferPointer { (bytes) throws(FileError) in
            try file.write(UnsafeRawBufferPointer(bytes))
        }
        #endif
    }
}

/// Builds the header of a file, with the data of its entries contiguous and in order.
private struct HeaderWriter {
    private var fields: [String] = []
    private var names: Set<ExactName> = [ExactName("__metadata__")]
    private var end = 0

    init(metadata: [String: String]) {
        guard !metadata.isEmpty else { return }
        let pairs = metadata.sorted { $0.key < $1.key }
            .map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
        fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }

    mutating func add(_ name: String, type: SafetensorsScalarType, shape: [Int]) {
        require(names.insert(ExactName(name)).inserted, "expected names that differ, got '\(name)' twice")
        let begin = end
        end += shape.reduce(1, *) * type.bitCount / 8
        let extents = shape.map(String.init).joined(separator: ",")
        fields.append(
            "\(Self.quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(extents)],"
                + "\"data_offsets\":[\(begin),\(end)]}")
    }

    /// The header, preceded by its length.
    var bytes: [UInt8] {
        var header = Array("{\(fields.joined(separator: ","))}".utf8)
        // Padded with spaces, so that the data are aligned to eight bytes.
        header.append(contentsOf: repeatElement(0x20, count: (8 - header.count % 8) % 8))
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
    }

    /// The string as a JSON string.
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
