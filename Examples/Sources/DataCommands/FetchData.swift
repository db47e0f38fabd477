import ArgumentParser
import DataFetching
import ExampleSupport
import Foundation
import Training

extension OfficialData: ExpressibleByArgument {
    /// The folder that programs read unless another is given.
    public var defaultFolder: String { "data/\(rawValue)" }
}

/// Brings official data into a folder.
struct FetchData<B: OfficialDataBenchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "fetch", abstract: "Brings official data into a folder.",
            discussion: """
                Size and SHA-256 of every archive are checked before anything gets its name. Files that are there stay \
                as they are. A download that broke off is gone on with when the command is given again.
                """)
    }

    @Argument(help: "The data; by default those that this program reads.") var name: OfficialData?
    @Option(help: "The folder for the data. (default: data/ and their name)") var data: String?
    @Option(help: "A folder with the archives, to take them from there.") var from: String?
    @Option(help: "The address of a folder with the archives, to ask before all others.") var mirror: String?
    @OptionGroup var announcer: OutputOptions

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
