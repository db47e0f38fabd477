import Foundation

/// A download of MNIST from a server on this machine: from the beginning, or resumed in the middle of a file.
struct DownloadScenario: Scenario {
    let name: String
    let program: TracedProgram
    private let folder: WorkFolder
    private let server: LocalServer
    private let files: [String: Data]
    private let hasPart: Bool

    private var output: String { folder.file("data") }
    var arguments: [String] {
        ["data", "fetch", "mnist", "--data", output, "--mirror", server.address, "--quiet"]
    }

    /// - Parameter data: The folder with the archives of MNIST.
    init(programs: String, data: String, hasPart: Bool) throws {
        name = hasPart ? "download, resumed" : "download"
        self.hasPart = hasPart
        folder = try WorkFolder()
        program = TracedProgram(file: programs + "/SequentialMNIST", folder: folder)
        server = try LocalServer { request in
            let file = data + "/" + (request.path as NSString).lastPathComponent
            guard let bytes = contents(file).map([UInt8].init) else {
                return LocalServer.Response(status: 404)
            }
            guard let start = request.start else { return LocalServer.Response(body: bytes) }
            guard start < bytes.count else { return LocalServer.Response(status: 416) }
            return LocalServer.Response(
                status: 206, headers: ["Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
                body: Array(bytes[start...]))
        }
        var files: [String: Data] = [:]
        for name in Self.names {
            guard let bytes = contents(data + "/" + name) else {
                throw Unusable(what: "there is no \(name) in \(data)")
            }
            files[name] = bytes
        }
        self.files = files
        if hasPart {
            let part = folder.file("part")
            try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: false)
            try files[Self.names[0]]!.prefix(1_000_000).write(
                to: URL(fileURLWithPath: "\(part)/\(Self.names[0]).part"))
        }
    }

    private static let names = ["train-images", "train-labels", "t10k-images", "t10k-labels"]
        .map { "\($0)-idx\($0.hasSuffix("images") ? 3 : 1)-ubyte.gz" }

    func prepare() throws { try restore(output, from: hasPart ? folder.file("part") : nil) }

    func loss(after ending: Ending) throws -> String? {
        // Under its final name a file is whole, whatever happened.
        for (name, data) in files {
            if let found = contents("\(output)/\(name)"), found != data { return "\(name) is damaged" }
            if ending.isSuccess, contents("\(output)/\(name)") == nil {
                return "\(name) is missing after a success"
            }
        }
        if ending.isSuccess { return nil }
        let repeated = try program.runUntraced(arguments)
        if !repeated.isSuccess { return "running it again ends with \(repeated.description)" }
        return try loss(after: repeated)
    }
}
