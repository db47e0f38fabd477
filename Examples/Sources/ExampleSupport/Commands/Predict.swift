import ArgumentParser
import Training

/// Says what a trained network takes images for.
struct Predict<B: ImageBenchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "predict", abstract: "Classifies images with a trained network.",
            discussion: """
                Images are PNG, PGM or PPM files of the size and channels of the data, \(imageKind), and must look like \
                the data: light on dark if the training images were. Classes are listed with their probabilities, the \
                most likely first; with --json, all of them in the order of the classes.
                """)
    }

    @Argument(help: "The files with the images.", completion: .file()) var images: [String]
    @Option(help: "The file with the network.", completion: .file())
    var model = "results/\(B.self)/model.safetensors"
    @Option(help: "The number of classes to list for each image.", in: 1...largestCount) var top = 3
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Write a line of JSON for each image.") var json = false

    private static var imageKind: String {
        "\(B.imageShape[2])x\(B.imageShape[1]) pixels, \(B.imageShape[0] == 1 ? "gray" : "RGB")"
    }

    func run() throws {
        threading.apply()
        let trained = try B.trainedNetwork(contentsOf: model)
        // Nothing is said before everything is known to be readable.
        let samples = try images.map { file in
            let image = DataSet(try RasterImage(contentsOf: file), classCount: B.classCount)
            guard image.sampleShape == B.imageShape else {
                throw DataFileError(
                    file: file, reason: .sampleShape(expected: B.imageShape, found: image.sampleShape))
            }
            return try trained.readable { B.arranged(image, for: $0) }
        }
        var announcer = OutputOptions()
        announcer.json = json
        for (file, sample) in zip(images, samples) {
            let probabilities = try trained.probabilities(of: sample)[0]
            announce(file, probabilities, with: announcer)
        }
    }

    private func announce(_ file: String, _ probabilities: [Double], with announcer: OutputOptions) {
        // Of equal probabilities the first class counts, as in the metrics.
        let order = probabilities.indices.sorted {
            (probabilities[$1], $0) < (probabilities[$0], $1)
        }
        let lines = order.prefix(top).map { "  \(decimal(probabilities[$0], 4))  \(name(ofClass: $0))" }
        announcer.announce(
            "prediction",
            [
                "image": .text(file), "class": .text(name(ofClass: order[0])),
                "probability": .number(probabilities[order[0]]), "probabilities": .numbers(probabilities),
            ],
            text: ([file] + lines).joined(separator: "\n"))
    }

    private func name(ofClass index: Int) -> String {
        index < B.classNames.count ? B.classNames[index] : String(index)
    }
}
