/// An error of starting MPI.
public enum MPIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The library cannot be opened, for the reason the system gives.
    case notOpened(String, String)
    /// No library is installed; the reasons of all attempts.
    case notFound([String])
    /// The library lacks a function.
    case notMPI(String, missing: String)
    /// A function failed while MPI was started.
    case failed(function: String, code: Int)
    /// The launcher has started another number of processes than the library sees, as one does for another library.
    case processCount(library: String, launched: Int, found: Int)
    /// MPI was ended in this process, and cannot be started again.
    case ended

    /// One line: what was expected and what was found.
    public var description: String {
        switch self {
        case .notOpened(let path, let reason):
            "the MPI library \(path) cannot be opened: \(reason)"
        case .notFound(let reasons):
            "expected an MPI library, Open MPI or MPICH (LONGCONV_MPI can name its file), found none: "
                + reasons.joined(separator: "; ")
        case .notMPI(let path, let missing):
            "expected an MPI library in \(path), found none with the function \(missing)"
        case .failed(let function, let code):
            "\(function) failed with the code \(code)"
        case .processCount(let library, let launched, let found):
            "the launcher started \(launched) processes, but \(library) sees \(found): expected the launcher of that "
                + "library (or LONGCONV_MPI=FILE, the launcher's library)"
        case .ended:
            "MPI has ended in this process and cannot be started again"
        }
    }
}
