import ArgumentParser
import DataFetching
import ExampleSupport
import Foundation
import Training

extension OfficialData: ExpressibleByArgument {
    /// The folder that programs read unless another is given.
    public var defaultFolder: String { "data/\(rawValue)" }
}

/// Fetches an official data set into a folder.
struct FetchData<B: OfficialDataBenchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "fetch", abstract: "Fetches an official data set into a folder.",
            discussion: """
                The size and SHA-256 of every archive are checked, and files get their final names only once complete. \
                Existing files are never replaced: those with the published data are kept, others are refused. An \
                interrupted download resumes when the command is run again.
                """)
    }

    @Argument(help: "The data set. (default: the one that this program reads)") var name: OfficialData?
    @Option(
        help: "The folder for the data. (default: data/ and the name of the data set)", completion: .directory
    )
    var data: String?
    @Option(help: "A folder with the archives, to read instead of downloading.", completion: .directory)
    var from: String?
    @Option(help: "The address of a folder with the archives, to try before all others.") var mirror: String?
    @OptionGroup var announcer: OutputOptions

    /// The data is worth more than what is said of it.
    static var endsWithItsReader: Bool { false }

    func validate() throws {
        try expect(
            from == nil || mirror == nil, "expected --from or --mirror, found both")
        try expect(
            mirror.map { $0.hasPrefix("https://") || $0.hasPrefix("http://") } ?? true,
            "--mirror is an address that begins with https:// or http://, found \(mirror ?? "")")
    }

    func run() throws {
        let official = name ?? B.officialData
        let folder = data ?? official.defaultFolder
        try createFolder(folder, option: "--data")
        let display = DownloadDisplay(isShown: !announcer.quiet && !announcer.json)
        let fetcher = Fetcher(
            into: folder, from: from.map { .folder($0) } ?? .mirrors(first: mirror),
            progress: display.show)
        for archive in official.archives {
            let outcome = try display.untilEnd { try fetcher.fetch(archive) }
            announcer.announce(
                "archive", ["name": .text(archive.name), "outcome": .text(outcome.rawValue)],
                text: outcome.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0) + archive.name)
        }
        announcer.announce("data", ["folder": .text(folder)], text: "data          \(folder)")
    }
}
