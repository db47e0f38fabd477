import CLongConvolution
import Convolution

/// Why a function of the C interface did nothing.
struct Refusal: Error {
    let status: longconv_status
    /// What was expected and what was found.
    let message: String

    init(_ status: longconv_status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The engine's reason.
    init(_ error: ConvolutionError) {
        let status =
            switch error {
            case .invalidExtent: LONGCONV_INVALID_ARGUMENT
            case .sizeOverflow: LONGCONV_SIZE_OVERFLOW
            case .insufficientMemory: LONGCONV_OUT_OF_MEMORY
            case .planningFailed: LONGCONV_PLANNING_FAILED
            case .wisdom: LONGCONV_FILE_ERROR
            }
        self.init(status, error.description)
    }
}

/// Throws a refusal unless a condition holds.
func expect(
    _ condition: Bool, _ status: longconv_status, _ message: @autoclosure () -> String
) throws(Refusal) {
    guard condition else { throw Refusal(status, message()) }
}

/// Throws a refusal of an argument unless a condition holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(Refusal) {
    try expect(condition, LONGCONV_INVALID_ARGUMENT, message())
}

/// The status of what a function of the C interface does; a refusal's message becomes the thread's last error.
func status(of body: () throws(Refusal) -> Void) -> longconv_status {
    do {
        try body()
        return LONGCONV_OK
    } catch {
        var message = error.message
        message.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { longconv_set_last_error($0.baseAddress, $0.count) }
        }
        return error.status
    }
}

/// Calls the engine; its error becomes a refusal.
func engine<Result>(_ body: () throws(ConvolutionError) -> Result) throws(Refusal) -> Result {
    do { return try body() } catch { throw Refusal(error) }
}

/// Where a result goes; refuses null and misaligned pointers.
func destination<Value>(
    _ pointer: UnsafeMutablePointer<Value>?, _ name: String
) throws(Refusal) -> UnsafeMutablePointer<Value> {
    guard let pointer else {
        throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected where to put the \(name), got null")
    }
    try expectAlignment(of: pointer, MemoryLayout<Value>.alignment, name)
    return pointer
}

/// Refuses a pointer that is no multiple of `alignment`.
func expectAlignment(
    of pointer: UnsafeRawPointer, _ alignment: Int, _ name: String
) throws(Refusal) {
    try expect(
        Int(bitPattern: pointer) % alignment == 0,
        "expected the \(name) at a multiple of \(alignment) bytes, got \(pointer)")
}

/// A structure whose first fields are its size and version; refuses sizes and versions that this library does not know, before
/// anything else is read. Fields that an earlier version lacks are zero.
///
/// - Parameter earlierSizes: Those of versions 1 to `version - 1`.
func versioned<Structure: BitwiseCopyable>(
    _ pointer: UnsafePointer<Structure>?, version: Int32, earlierSizes: [Int] = [], _ name: String
) throws(Refusal) -> Structure {
    guard let pointer else { throw Refusal(LONGCONV_INVALID_ARGUMENT, "expected a \(name), got null") }
    try expectAlignment(of: pointer, MemoryLayout<Structure>.alignment, name)
    let (size, found) = UnsafeRawPointer(pointer).load(as: (UInt32, UInt32).self)
    try expect(
        1...UInt32(version) ~= found,
        "expected version \(version == 1 ? "1" : "1 to \(version)") of a \(name), got \(found)")
    let expected = found == UInt32(version) ? MemoryLayout<Structure>.size : earlierSizes[Int(found) - 1]
    try expect(
        Int(size) == expected, "expected \(expected) bytes of a \(name) of version \(found), got \(size)")
    return withUnsafeTemporaryAllocation(of: Structure.self, capacity: 1) { copy in
        let bytes = UnsafeMutableRawBufferPointer(copy)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: expected))
        return copy[0]
    }
}
