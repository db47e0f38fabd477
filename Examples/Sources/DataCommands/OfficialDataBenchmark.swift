import ArgumentParser
import DataFetching
import ExampleSupport

/// A benchmark whose images the program can bring from where they were published.
public protocol OfficialDataBenchmark: ImageBenchmark {
    /// The data.
    static var officialData: OfficialData { get }
}

extension OfficialDataBenchmark {
    /// Where they are fetched to.
    public static var dataFolder: String { officialData.defaultFolder }

    /// The name with which the data are fetched.
    public static var dataName: String { officialData.rawValue }

    /// Those of all benchmarks with images, and what brings the images.
    public static var furtherCommands: [any ParsableCommand.Type] {
        imageCommands + [DataCommands<Self>.self]
    }

    /// What brings data into a folder where there are none.
    public static func fetchCommand(into folder: String) -> String? {
        let option = folder == officialData.defaultFolder ? "" : " --data \(folder)"
        return "\(Self.self) data fetch\(option)"
    }
}

/// The commands about the data that a benchmark reads.
struct DataCommands<B: OfficialDataBenchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "data", abstract: "Fetches the data sets.",
            subcommands: [FetchData<B>.self])
    }
}
