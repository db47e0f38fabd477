import Foundation

/// A download from a server on this machine: of a compressed file or of a tar archive, from the beginning or resumed.
struct DownloadScenario: Scenario {
    /// What is downloaded.
    enum Kind: String, CaseIterable {
        case file = "gz"
        case archive = "tar"
    }

    let name: String
    let program: TracedProgram
    let arguments: [String]
    private let folder: WorkFolder
    private let server: LocalServer
    private let archive: Data
    private let plain: Data
    private let kind: Kind
    private let hasPart: Bool

    private var output: String { folder.file("data") }
    private static let fileName = "sample"
    /// A compressed file is known by the name of what it holds.
    private let archiveName: String

    /// - Parameter tools: The folder with the program FetchSample.
    init(tools: String, kind: Kind, hasPart: Bool) throws {
        name = "download of a \(kind.rawValue)" + (hasPart ? ", resumed" : "")
        (self.kind, self.hasPart) = (kind, hasPart)
        archiveName = Self.fileName + (kind == .file ? ".gz" : ".tar.gz")
        folder = try WorkFolder()
        // Bytes that do not get smaller, so that there is something to write.
        var numbers = SplitMix64(seed: 7)
        plain = Data((0..<300_000).map { _ in UInt8(truncatingIfNeeded: numbers.next()) })
        let source = folder.file("source")
        try FileManager.default.createDirectory(atPath: source + "/sample", withIntermediateDirectories: true)
        try plain.write(to: URL(fileURLWithPath: source + "/sample/" + Self.fileName))
        let command = kind == .file ? "gzip -c sample/sample > archive" : "tar -czf archive sample"
        _ = try Self.output(of: "cd '\(source)' && \(command)")
        let archive = contents(source + "/archive") ?? Data()
        self.archive = archive
        func digest(_ file: String) throws -> String {
            String(try Self.output(of: "sha256sum '\(source)/\(file)'").prefix(64))
        }
        server = try LocalServer.having([UInt8](archive))
        program = TracedProgram(file: tools + "/FetchSample", folder: folder)
        arguments = [
            server.address, folder.file("data"), kind.rawValue, archiveName, "\(archive.count)",
            try digest("archive"), Self.fileName, "\(plain.count)", try digest("sample/\(Self.fileName)"),
        ]
        guard hasPart else { return }
        let part = folder.file("part")
        try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: false)
        try archive.prefix(100_000).write(to: URL(fileURLWithPath: "\(part)/\(archiveName).part"))
    }

    private static func output(of command: String) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unusable(what: "\(command) fails") }
        return String(decoding: output, as: UTF8.self)
    }

    func prepare() throws { try restore(output, from: hasPart ? folder.file("part") : nil) }

    func loss(after ending: Ending) throws -> String? {
        // Under its final name a file is whole, whatever happened.
        let (name, expected) = kind == .file ? (archiveName, archive) : (Self.fileName, plain)
        let found = contents("\(output)/\(name)")
        if let found, found != expected { return "\(name) is damaged" }
        guard !ending.isSuccess else { return found == nil ? "\(name) is missing after a success" : nil }
        let repeated = try program.runUntraced(arguments)
        if !repeated.isSuccess { return "running it again ends with \(repeated.description)" }
        return try loss(after: repeated)
    }
}
