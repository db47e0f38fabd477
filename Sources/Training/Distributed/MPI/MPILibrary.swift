import Runtime

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#endif

/// The MPI library, opened at run time: programs need neither its headers nor the library where they are built, and use
/// whichever is installed where they run.
///
/// Messages are bytes, so a dozen functions and two handles serve. Their binary interface is that of all releases of Open
/// MPI since 1.7 and of MPICH since 3.1 and its descendants (the MPICH ABI Compatibility Initiative).
///
/// Handles are pointers in Open MPI and `int` in MPICH. All are passed as `Int`: the calling conventions of 64-bit systems
/// pass both in the same registers and 8-byte stack slots, and a function that receives an `int` reads its low half. The
/// functions used here have at most 7 arguments.
///
/// The pointers to functions stay valid, as the library is never closed.
struct MPILibrary: Sendable {
    /// The kinds of libraries, which differ in their handles.
    enum Kind: String, Sendable {
        case openMPI = "Open MPI"
        case mpich = "MPICH"
    }

    typealias Handle = Int
    typealias Initialize = @convention(c) (Int, Int, Int32, UnsafeMutablePointer<Int32>) -> Int32
    typealias Flag = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
    typealias CommunicatorNumber = @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
    typealias Send =
        @convention(c) (
            UnsafeRawPointer?, Int32, Handle, Int32, Int32, Handle, UnsafeMutablePointer<Handle>
        ) -> Int32
    typealias Receive =
        @convention(c) (
            UnsafeMutableRawPointer?, Int32, Handle, Int32, Int32, Handle, UnsafeMutablePointer<Handle>
        ) -> Int32
    typealias Test =
        @convention(c) (UnsafeMutablePointer<Handle>, UnsafeMutablePointer<Int32>, Int) -> Int32
    typealias Abort = @convention(c) (Handle, Int32) -> Int32
    typealias NoArguments = @convention(c) () -> Int32
    typealias Version = @convention(c) (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32

    /// The path or name under which the library was opened.
    let path: String
    let kind: Kind
    /// `MPI_COMM_WORLD`, `MPI_BYTE` and `MPI_STATUS_IGNORE`.
    let world: Handle
    let byte: Handle
    let ignoredStatus: Int

    let initialize: Initialize
    let isInitialized: Flag
    let isFinalized: Flag
    let rank: CommunicatorNumber
    let size: CommunicatorNumber
    let send: Send
    let receive: Receive
    let test: Test
    let abort: Abort
    let finalize: NoArguments
    private let libraryVersion: Version

    /// Opens the library that the environment asks for: `LONGCONV_MPI` names a file; otherwise that of the launcher, or
    /// any.
    static func open() throws(MPIError) -> MPILibrary {
        if let path = Runtime.environment("LONGCONV_MPI") { return try MPILibrary(path: path) }
        var failures: [String] = []
        for name in MPILauncher.libraryNames {
            do throws(MPIError) {
                return try MPILibrary(path: name)
            } catch {
                guard case .notOpened(_, let reason) = error else { throw error }
                failures.append(reason)
            }
        }
        throw .notFound(failures)
    }

    init(path: String) throws(MPIError) {
        // Open MPI's components look for its symbols among the global ones.
        guard let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL) else {
            throw .notOpened(path, dlerror().map { String(cString: $0) } ?? "unknown reason")
        }
        var missing: String?
        func address(_ name: String) -> UnsafeMutableRawPointer? {
            let address = dlsym(library, name)
            if address == nil { missing = missing ?? name }
            return address
        }
        self.path = path
        if let world = dlsym(library, "ompi_mpi_comm_world") {
            kind = .openMPI
            self.world = Int(bitPattern: world)
            byte = Int(bitPattern: address("ompi_mpi_byte"))
            ignoredStatus = 0
        } else {
            // mpi.h of MPICH: MPI_COMM_WORLD, MPI_BYTE, and MPI_STATUS_IGNORE as an address.
            (kind, world, byte, ignoredStatus) = (.mpich, 0x4400_0000, 0x4c00_010d, 1)
        }
        let names = [
            "MPI_Init_thread", "MPI_Initialized", "MPI_Finalized", "MPI_Comm_rank", "MPI_Comm_size",
            "MPI_Isend",
            "MPI_Irecv", "MPI_Test", "MPI_Abort", "MPI_Finalize", "MPI_Get_library_version",
        ]
        let functions = names.map(address)
        if let missing { throw .notMPI(path, missing: missing) }
        initialize = unsafeBitCast(functions[0], to: Initialize.self)
        isInitialized = unsafeBitCast(functions[1], to: Flag.self)
        isFinalized = unsafeBitCast(functions[2], to: Flag.self)
        rank = unsafeBitCast(functions[3], to: CommunicatorNumber.self)
        size = unsafeBitCast(functions[4], to: CommunicatorNumber.self)
        send = unsafeBitCast(functions[5], to: Send.self)
        receive = unsafeBitCast(functions[6], to: Receive.self)
        test = unsafeBitCast(functions[7], to: Test.self)
        abort = unsafeBitCast(functions[8], to: Abort.self)
        finalize = unsafeBitCast(functions[9], to: NoArguments.self)
        libraryVersion = unsafeBitCast(functions[10], to: Version.self)
    }

    /// The first line of the library's own description.
    var version: String {
        // MPI_MAX_LIBRARY_VERSION_STRING is 256 in Open MPI and 8192 in MPICH.
        var text = [CChar](repeating: 0, count: 8192)
        var length: Int32 = 0
        _ = libraryVersion(&text, &length)
        let bytes = text.prefix(Int(length)).map { UInt8(bitPattern: $0) }
        let line = String(decoding: bytes, as: UTF8.self).split { $0 == "\n" || $0 == "," }.first ?? ""
        // "Open MPI v4.1.4, ..." and "MPICH Version:\t4.0.2".
        let words = line.split { $0 == " " || $0 == "\t" }.filter { $0 != "Version:" }
        return words.isEmpty ? kind.rawValue : words.joined(separator: " ")
    }
}
