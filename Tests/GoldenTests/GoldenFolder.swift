import Foundation

/// The folder of golden tensors: the one named by the environment variable GOLDEN_PATH, or the project's own.
enum GoldenFolder {
    static let url: URL = {
        if let path = ProcessInfo.processInfo.environment["GOLDEN_PATH"], !path.isEmpty {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Golden", isDirectory: true)
    }()

    /// The stems of the sidecars, in order.
    static let stems: [String] = names(endingIn: ".json")

    /// Every case of every sidecar.
    static let cases: [CaseName] = stems.flatMap { stem in
        // A sidecar that cannot be read becomes one case, which fails when it is read again.
        ((try? Sidecar<Ignored>(stem: stem))?.cases.map(\.name) ?? ["unreadable"]).map {
            CaseName(stem: stem, name: $0)
        }
    }

    /// The stems of the whole networks that are there under the authors' names too.
    static let authorsStems: [String] = names(endingIn: ".authors.safetensors")

    static func url(_ name: String) -> URL { url.appendingPathComponent(name) }

    private static func names(endingIn ending: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }
}

/// Where a case stands.
struct CaseName: Sendable, Hashable, CustomStringConvertible {
    let stem: String
    let name: String

    var description: String { "\(stem)/\(name)" }
}

/// Stands for a configuration that is not looked at.
struct Ignored: Decodable {
    init(from decoder: any Decoder) {}
}
