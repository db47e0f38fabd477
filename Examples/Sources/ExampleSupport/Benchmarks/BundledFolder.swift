import Foundation

/// A folder that comes with a program.
public struct BundledFolder: Sendable {
    /// Where the folder is looked for, the first place first.
    public let candidates: [String]

    /// A folder that is in one of the given places.
    public init(candidates: [String]) { self.candidates = candidates }

    /// The folder `name` of the resources of the target `target`, beside the program or, for a program that was copied
    /// away from them, in the sources that it was built from.
    ///
    /// `Bundle.module` would end the program where there are no resources, even if they are not needed.
    ///
    /// - Parameters:
    ///   - name: the folder's name.
    ///   - target: the target whose resource it is.
    ///   - sourceFile: a file in the target's own folder.
    public init(_ name: String, ofTarget target: String, sourceFile: String = #filePath) {
        // The package's and the target's name make the bundle's.
        let bundle = "long-convolution-examples_\(target).resources"
        // Links are followed: a program is beside its resources, a link to it need not be.
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
        let sources = URL(fileURLWithPath: sourceFile).deletingLastPathComponent()
        self.init(candidates: [
            (program?.path ?? ".") + "/\(bundle)/\(name)", sources.path + "/\(name)",
        ])
    }

    /// The first place where there is a folder; the first of all if there is none.
    public var path: String {
        candidates.first {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && isFolder.boolValue
        } ?? candidates.first ?? "."
    }
}
