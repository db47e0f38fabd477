/// The order of system calls that survives a loss of power: write, synchronize the file, rename, synchronize the folder.
///
/// Without the first synchronization, a file system may have the new name before the contents; without the second, it may
/// have forgotten the name although something later says that the file is there.
enum WriteOrder {
    /// The renamings in a trace, and what is wrong with them.
    static func check(_ lines: [TraceLine]) -> (renamings: Int, mistakes: [String]) {
        var mistakes: [String] = []
        var renamings = 0
        for (index, line) in lines.enumerated() where line.call == "rename" && line.succeeded {
            let names = line.quoted
            guard names.count == 2 else { continue }
            renamings += 1
            let (temporary, name) = (names[0], names[1])
            func isCall(_ call: String, on path: Substring) -> (TraceLine) -> Bool {
                { $0.call.map(String.init) == call && $0.path.map { isSame($0, path) } ?? false }
            }
            let before = lines[..<index]
            let lastWrite = before.lastIndex(where: isCall("write", on: temporary))
            let lastSync = before.lastIndex(where: isCall("fsync", on: temporary))
            if let lastWrite, lastSync.map({ $0 < lastWrite }) ?? true {
                mistakes.append("\(name): renamed without synchronizing what was written")
            }
            // Until the next renaming, which may rely on this one.
            let after = lines[(index + 1)...].prefix { !($0.call == "rename" && $0.succeeded) }
            let folder = name.lastIndex(of: "/").map { name[..<$0] } ?? "."
            if !after.contains(where: isCall("fsync", on: folder)) {
                mistakes.append("\(name): the folder is not synchronized after the renaming")
            }
        }
        return (renamings, mistakes)
    }

    /// Whether an absolute path, as in `<...>`, is the one that the program named.
    private static func isSame(_ absolute: Substring, _ named: Substring) -> Bool {
        absolute == named || absolute.hasSuffix("/" + (named.hasPrefix("./") ? named.dropFirst(2) : named))
    }
}
