import ArgumentParser
import Foundation
import Reports
import Training

/// Shows in one page what a training came to.
struct Report<B: ImageBenchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "report", abstract: "Writes a page that shows a trained network and its mistakes.",
            discussion: """
                The page is one self-contained HTML file: curves of the training (if the history.json that train writes \
                is next to the model), the confusions on the test data, the images with the worst mistakes, the \
                hyper-kernels, the pixel scores, the configuration and the machine.
                """)
    }

    @Argument(help: "The file with the network.", completion: .file())
    var model = "results/\(B.self)/model.safetensors"
    @OptionGroup var data: DataFolderOptions<B>
    @Option(help: "The file for the page. (default: report.html next to the model)", completion: .file())
    var output: String?
    @OptionGroup var threading: ThreadOptions
    @OptionGroup var announcer: OutputOptions

    func run() throws {
        threading.apply()
        let folder = (model as NSString).deletingLastPathComponent
        let file = output ?? (folder.isEmpty ? "." : folder) + "/report.html"
        let trained = try B.trainedNetwork(contentsOf: model)
        let historyFile = (folder.isEmpty ? "." : folder) + "/history.json"
        let history =
            FileManager.default.fileExists(atPath: historyFile)
            ? try TrainingHistory(contentsOf: historyFile) : TrainingHistory()
        let images = try B.presentImages(.test, in: data.data)
        let test = try trained.readable { B.arranged(images, for: $0) }
        let predictions = try Predictions(of: trained, on: test)
        let page = ReportPage(
            program: "\(B.self)", summary: B.summary, trained: trained, history: history,
            images: images, test: test,
            classNames: B.classNames(of: trained) ?? (0..<test.classCount).map(String.init),
            predictions: predictions)
        try AtomicFile.write(Array(page.html.utf8), to: file)
        announcer.announce("report", ["file": .text(file)], text: "report        \(file)")
        announcer.announce(test: .classification(predictions.metrics))
    }
}
