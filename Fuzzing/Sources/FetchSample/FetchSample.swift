import DataFetching
import Foundation

/// Fetches one archive from a server as `data fetch` does; the command line describes the archive.
///
///     FetchSample ADDRESS FOLDER gz|tar NAME BYTES SHA256 FILE BYTES SHA256
@main enum FetchSample {
    static func main() {
        signal(SIGXFSZ, SIG_IGN)
        let arguments = CommandLine.arguments
        guard arguments.count == 10, let archiveCount = Int(arguments[5]), let fileCount = Int(arguments[8])
        else {
            end(
                "expected ADDRESS FOLDER gz|tar NAME BYTES SHA256 FILE BYTES SHA256, found \(arguments.dropFirst())"
            )
        }
        let file = ExpectedFile(arguments[7], byteCount: fileCount, digest: .sha256(arguments[9]))
        let archive = Archive(
            name: arguments[4], byteCount: archiveCount, digest: arguments[6], mirrors: [arguments[1]],
            contents: arguments[3] == "tar" ? .tar(folder: "sample", files: [file]) : .compressedFile(file))
        do {
            print(try Fetcher(into: arguments[2]).fetch(archive).rawValue)
        } catch {
            end("\(error)")
        }
    }

    private static func end(_ message: String) -> Never {
        FileHandle.standardError.write(Data("error: \(message)\n".utf8))
        exit(1)
    }
}
