import Convolution

/// The file of a stream's state: the tensor `values` `[channels, n]` and the other parts as texts of metadata.
extension StreamingState {
    /// Writes the state to a file at `path`, bit by bit.
    ///
    /// The file gets its final name only once complete; until then an existing file is unchanged.
    ///
    /// - Throws: `SafetensorsError.unwritable(path:reason:)`
    public func write(to path: String) throws(SafetensorsError) {
        let shape = [channels, values.count / max(channels, 1)]
        let metadata = [
            "form": form.rawValue, "kernelLength": "\(kernelLength)", "blockLength": "\(blockLength)",
            "position": "\(position)", "phase": "\(phase)", "kernelChecksum": "\(kernelChecksum)",
        ]
        if let values = values as? [Float] {
            try Safetensors.write(
                [("values", Tensor(shape: shape, scalars: values))], metadata: metadata, to: path)
        } else {
            try Safetensors.write(
                [], doubles: [("values", shape, values.map { Double($0) })], metadata: metadata, to: path)
        }
    }

    /// Reads the state in the file at `path`, which ``write(to:)`` wrote.
    ///
    /// Whether it is that of a given stream is seen when it is restored.
    ///
    /// - Throws: `SafetensorsError`, with the name of what is missing or wrong.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        func text<Value>(
            _ name: String, _ expected: String, _ convert: (String) -> Value?
        ) throws(SafetensorsError) -> Value {
            let text = file.metadata(named: name)
            guard let value = text.flatMap(convert) else {
                throw .wrongMetadata(path: path, name: name, expected: expected, found: text)
            }
            return value
        }
        let forms = Form.allCases.map(\.rawValue).joined(separator: ", ")
        let form = try text("form", "one of \(forms)") { Form(rawValue: $0) }
        let shape = try file.shape(of: "values")
        guard shape.count == 2 else {
            throw .wrongShape(path: path, name: "values", expected: "[channels, n]", found: shape)
        }
        let isSingle = Scalar.precision == Float.precision
        let (expected, type) = (isSingle ? "F32" : "F64", try file.scalarType(of: "values"))
        guard type == expected else {
            throw .wrongScalarType(path: path, name: "values", expected: expected, found: type)
        }
        let values =
            isSingle
            ? try file.tensor(named: "values").scalars.map { Scalar($0) }
            : try file.doubles(named: "values").map { Scalar($0) }
        self.init(
            form: form, channels: shape[0],
            kernelLength: try text("kernelLength", "an integer") { Int($0) },
            blockLength: try text("blockLength", "an integer") { Int($0) },
            position: try text("position", "an integer") { Int($0) },
            phase: try text("phase", "an integer") { Int($0) },
            kernelChecksum: try text("kernelChecksum", "an integer") { UInt64($0) }, values: values)
    }
}
