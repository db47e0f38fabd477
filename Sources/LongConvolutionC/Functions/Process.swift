// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import CLongConvolution
import Convolution
import Runtime

// What holds for the whole process. The header says what each function does; the compiler checks each against it.

@c @implementation
public func longconv_set_num_threads(_ count: Int32) -> longconv_status {
    status { () throws(Refusal) in
        try expect(ThreadCount.possible ~= Int(count), "expected 1 to 4096 threads, got \(count)")
        Threads.count = Int(count)
    }
}

@c @implementation
public func longconv_get_num_threads() -> Int32 { Int32(clamping: Threads.count) }

@c @implementation
public func longconv_set_parallel(_ parallel: longconv_parallel?, _ threads: Int32) -> longconv_status {
    status { () throws(Refusal) in
        try expect(
            parallel == nil || ThreadCount.possible ~= Int(threads),
            "expected teams of 1 to 4096 threads, got \(threads)")
        HostThreads.use(parallel, count: Int(threads))
    }
}

// MARK: - Memory

@c @implementation
public func longconv_set_memory_limit(_ byteCount: Int64) -> longconv_status {
    status { () throws(Refusal) in
        try expect(byteCount >= 0, "expected a limit of at least 0 bytes, got \(byteCount)")
        Memory.poolLimit = Int(byteCount)
    }
}

@c @implementation
public func longconv_get_memory_limit() -> Int64 { Int64(Memory.poolLimit) }

@c @implementation
public func longconv_get_kept_memory() -> Int64 { Int64(Memory.pooledByteCount) }

@c @implementation
public func longconv_release_memory() { Memory.releasePool() }

// MARK: - Wisdom

@c @implementation
public func longconv_wisdom_save(
    _ precision: Int32, _ path: UnsafePointer<CChar>?
) -> longconv_status {
    status { () throws(Refusal) in
        let (scalar, path) = (try scalar(precision), try text(path, "path"))
        try engine { () throws(ConvolutionError) in try Wisdom.save(scalar, to: path) }
    }
}

@c @implementation
public func longconv_wisdom_load(
    _ precision: Int32, _ path: UnsafePointer<CChar>?
) -> longconv_status {
    status { () throws(Refusal) in
        let (scalar, path) = (try scalar(precision), try text(path, "path"))
        try engine { () throws(ConvolutionError) in try Wisdom.load(scalar, from: path) }
    }
}

@c @implementation
public func longconv_wisdom_forget(_ precision: Int32) -> longconv_status {
    status { () throws(Refusal) in
        Wisdom.forget(try scalar(precision))
    }
}

@c @implementation
public func longconv_set_wisdom_directory(_ path: UnsafePointer<CChar>?) -> longconv_status {
    status { () throws(Refusal) in
        if path == nil { Wisdom.directory = nil } else { Wisdom.directory = try text(path, "path") }
    }
}

@c @implementation
public func longconv_set_planning_time_limit(_ seconds: Double) -> longconv_status {
    status { () throws(Refusal) in
        try expect(seconds > 0 && seconds.isFinite, "expected a finite limit above 0 seconds, got \(seconds)")
        Wisdom.timeLimit = seconds
    }
}

/// The scalar of a precision.
private func scalar(_ precision: Int32) throws(Refusal) -> any ConvolutionScalar.Type {
    try isSingle(precision) ? Float.self : Double.self
}

private func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(Refusal) -> String {
    guard let pointer else { throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected a \(name), got null") }
    guard let text = String(validatingCString: pointer) else {
        throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected a \(name) in UTF-8, got other bytes")
    }
    try expect(!text.isEmpty, "expected a \(name), got an empty text")
    return text
}

// MARK: - Versions

@c @implementation
public func longconv_interface_version() -> Int32 { LONGCONV_INTERFACE_VERSION }

@c @implementation
public func longconv_transform_library() -> UnsafePointer<CChar>? { transformLibrary.start }

@c @implementation
public func longconv_instruction_set() -> UnsafePointer<CChar>? { instructionSet.start }

/// A text for C that is never freed.
///
/// `@unchecked Sendable`: it is only read.
private struct PermanentText: @unchecked Sendable {
    let start: UnsafePointer<CChar>

    init(_ text: String) {
        let bytes = text.utf8CString
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        start = UnsafePointer(copy.baseAddress!)
    }
}

private let transformLibrary = PermanentText(Engine.transformLibrary)
private let instructionSet = PermanentText(Engine.instructionSet)
