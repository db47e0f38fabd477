// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import CLongConvolution

// Streams. The header says what each function does; the compiler checks each against it.

@c @implementation
public func longconv_stream_create(
    _ descriptor: UnsafePointer<longconv_stream_descriptor>?, _ kernel: UnsafeRawPointer?,
    _ stream: UnsafeMutablePointer<OpaquePointer?>?
) -> longconv_status {
    status { () throws(Refusal) in
        let destination = try destination(stream, "stream")
        destination.pointee = nil
        destination.pointee = HandleTable.insert(try makeStream(descriptor, kernel: kernel))
    }
}

@c @implementation
public func longconv_stream_destroy(_ stream: OpaquePointer?) -> longconv_status {
    status { () throws(Refusal) in
        try HandleTable.remove(stream, as: (any AnyStream).self, "stream")
    }
}

@c @implementation
public func longconv_stream_push(
    _ stream: OpaquePointer?, _ n: Int64, _ input: UnsafeRawPointer?, _ inputStride: Int64,
    _ output: UnsafeMutableRawPointer?, _ outputStride: Int64
) -> longconv_status {
    status { () throws(Refusal) in
        try HandleTable.stream(stream).push(
            StreamCall(
                count: n, input: input, inputStride: inputStride, output: output, outputStride: outputStride))
    }
}

@c @implementation
public func longconv_stream_prefill(
    _ stream: OpaquePointer?, _ n: Int64, _ input: UnsafeRawPointer?, _ inputStride: Int64,
    _ output: UnsafeMutableRawPointer?, _ outputStride: Int64
) -> longconv_status {
    status { () throws(Refusal) in
        try HandleTable.stream(stream).prefill(
            StreamCall(
                count: n, input: input, inputStride: inputStride, output: output, outputStride: outputStride))
    }
}

@c @implementation
public func longconv_stream_position(
    _ stream: OpaquePointer?, _ position: UnsafeMutablePointer<Int64>?
) -> longconv_status {
    status { () throws(Refusal) in
        let found = try HandleTable.stream(stream).position
        try destination(position, "position").pointee = Int64(found)
    }
}

@c @implementation
public func longconv_stream_reset(_ stream: OpaquePointer?) -> longconv_status {
    status { () throws(Refusal) in try HandleTable.stream(stream).reset() }
}

@c @implementation
public func longconv_stream_copy(
    _ stream: OpaquePointer?, _ copy: UnsafeMutablePointer<OpaquePointer?>?
) -> longconv_status {
    status { () throws(Refusal) in
        let destination = try destination(copy, "copy")
        destination.pointee = nil
        destination.pointee = HandleTable.insert(try HandleTable.stream(stream).copy())
    }
}

// MARK: - States

@c @implementation
public func longconv_stream_save(
    _ stream: OpaquePointer?, _ state: UnsafeMutableRawPointer?, _ capacity: Int64,
    _ byteCount: UnsafeMutablePointer<Int64>?
) -> longconv_status {
    status { () throws(Refusal) in
        let destination = try destination(byteCount, "number of bytes")
        let bytes = try HandleTable.stream(stream).save()
        destination.pointee = Int64(bytes.count)
        guard let state else { return }
        try expect(
            capacity >= Int64(bytes.count),
            "expected a capacity of at least \(bytes.count) bytes, got \(capacity)")
        state.copyMemory(from: bytes, byteCount: bytes.count)
    }
}

@c @implementation
public func longconv_stream_load(
    _ stream: OpaquePointer?, _ state: UnsafeRawPointer?, _ byteCount: Int64
) -> longconv_status {
    status { () throws(Refusal) in
        let stream = try HandleTable.stream(stream)
        guard let state else { throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected a state, got null") }
        try expect(byteCount >= 0, "expected a number of bytes of at least 0, got \(byteCount)")
        try stream.load(UnsafeRawBufferPointer(start: state, count: Int(byteCount)))
    }
}

extension HandleTable {
    fileprivate static func stream(_ handle: OpaquePointer?) throws(Refusal) -> any AnyStream {
        try object(handle, as: (any AnyStream).self, "stream")
    }
}
