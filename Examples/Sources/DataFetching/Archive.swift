/// A file as a server has it: what it is called, where it is, how it is recognized, what it brings.
public struct Archive: Sendable, Equatable {
    /// The name of the file, on servers and in folders.
    public let name: String
    /// The number of its bytes.
    public let byteCount: Int
    /// The SHA-256 of its bytes, in lower-case hexadecimal digits.
    public let digest: String
    /// The addresses of the folders that have it, each with a slash at its end; the first one is asked first.
    public let mirrors: [String]
    /// What comes out of it.
    public let contents: Contents

    /// What comes out of an archive.
    public enum Contents: Sendable, Equatable {
        /// One gzip-compressed file, which is kept as it is, under the archive's name.
        case compressedFile(ExpectedFile)
        /// Some of the files in a folder of a gzip-compressed tar archive.
        case tar(folder: String, files: [ExpectedFile])
    }

    /// An archive from its parts.
    public init(name: String, byteCount: Int, digest: String, mirrors: [String], contents: Contents) {
        self.name = name
        self.byteCount = byteCount
        self.digest = digest
        self.mirrors = mirrors
        self.contents = contents
    }

    /// The files that programs read, which are there when the archive was fetched.
    public var files: [ExpectedFile] {
        switch contents {
        case .compressedFile(let file): [file]
        case .tar(_, let files): files
        }
    }
}

/// A file that programs read, plain or with the ending `.gz`.
public struct ExpectedFile: Sendable, Equatable {
    /// The name of the plain file.
    public let name: String
    /// The number of bytes of the plain file.
    public let byteCount: Int
    /// The digest of the plain file.
    public let digest: FileDigest

    /// A file from its name, size and digest.
    public init(_ name: String, byteCount: Int, digest: FileDigest) {
        self.name = name
        self.byteCount = byteCount
        self.digest = digest
    }
}
