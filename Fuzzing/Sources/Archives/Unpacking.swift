/// Unpacks files from a folder of the tar archive at `path`.
public func unpack(
    _ files: [ExpectedFile], of path: String, from folder: String, into target: String
) throws {
    try TarArchive(path: path).unpack(files, from: folder, into: target)
}
