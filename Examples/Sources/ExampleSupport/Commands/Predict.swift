import ArgumentParser
import Training

/// Says what a trained network takes images for.
struct Predict<B: ImageBenchmark>: ExampleCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "predict", abstract: "Classifies images with a trained network.",
            discussion: """
                Images are PNG, PBM, PGM or PPM files. Those of another size or kind than the data, \(imageKind), are \
                resized (without keeping their proportions) and converted, which is said on standard error. They must \
                look like the data: light on dark if the training images were; --invert helps where they are the \
                opposite. Classes are listed with their probabilities, the most likely first; with --json, all of them \
                in the order of the classes.
                """)
    }

    @Argument(help: "The files with the images.", completion: .file()) var images: [String]
    @Option(help: "The file with the network.", completion: .file())
    var model = "results/\(B.self)/model.safetensors"
    @Option(help: "The number of classes to list for each image.", in: 1...largestCount) var top = 3
    @Flag(help: "Read the negatives of the images, for dark on light ones.") var invert = false
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Write a line of JSON for each image.") var json = false

    private static var imageKind: String {
        "\(B.imageShape[2])x\(B.imageShape[1]) pixels, \(B.imageShape[0] == 1 ? "gray" : "RGB")"
    }

    func run() throws {
        threading.apply()
        let trained = try B.trainedNetwork(contentsOf: model)
        // Nothing is said before everything is known to be readable.
        var notes = ""
        let samples = try images.map { file in
            let (image, changes) = adapted(try RasterImage(contentsOf: file))
            if !changes.isEmpty { notes += "\(file): \(changes.joined(separator: ", "))\n" }
            return try trained.readable {
                B.arranged(DataSet(image, classCount: B.classCount), for: $0)
            }
        }
        StandardStream.error.write(notes)
        let names = B.classNames(of: trained) ?? []
        var announcer = OutputOptions()
        announcer.json = json
        for (file, sample) in zip(images, samples) {
            let probabilities = try trained.probabilities(of: sample)[0]
            announce(file, probabilities, names: names, with: announcer)
        }
    }

    /// The image in the form of the data, and what had to be done for that.
    private func adapted(_ image: RasterImage) -> (image: RasterImage, changes: [String]) {
        let (channels, height, width) = (B.imageShape[0], B.imageShape[1], B.imageShape[2])
        var changes: [String] = []
        var adapted = image
        // Fewer channels are resized faster, and more are made after it.
        if image.channels > channels { adapted = adapted.converted(toChannels: channels) }
        if (image.width, image.height) != (width, height) {
            changes.append("resized from \(image.width)x\(image.height) to \(width)x\(height)")
            adapted = adapted.resized(width: width, height: height)
        }
        if image.channels != channels {
            changes.append(
                "converted from \(image.channels == 1 ? "gray" : "RGB") to \(channels == 1 ? "gray" : "RGB")")
            adapted = adapted.converted(toChannels: channels)
        }
        if invert {
            changes.append("inverted")
            adapted = adapted.inverted
        }
        return (adapted, changes)
    }

    private func announce(
        _ file: String, _ probabilities: [Double], names: [String], with announcer: OutputOptions
    ) {
        func name(ofClass index: Int) -> String { index < names.count ? names[index] : String(index) }
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
}
