import ExampleTestSupport
import Foundation
import Testing
import Training

/// Images from outside, classified by a trained network.
@Suite struct PredictTests {
    let folder: TemporaryFolder
    let program: Program
    var model: String { folder.file("output/model.safetensors") }
    static let data = repositoryFolder + "/Examples/Sources/Digits/Data"

    init() throws {
        folder = try TemporaryFolder()
        program = try Program("Digits")
    }

    func train(_ form: String) throws {
        let training = try program.run([
            "train", "--preset", "digits-\(form)", "--epochs", "2", "--output", folder.file("output"),
            "--quiet",
        ])
        try #require(training.status == 0, "\(training)")
    }

    /// Digits of the test data as images in files, alternately PNG and PGM.
    func writeDigits(_ count: Int) throws -> (files: [String], labels: [Int]) {
        let test = try DataSet(.test, folder: Self.data, classCount: 10)
        let files = try (0..<count).map { index in
            let bytes = Array(test.bytes[index * 64..<(index + 1) * 64])
            let file = folder.file("digit-\(index).\(index % 2 == 0 ? "png" : "pgm")")
            if index % 2 == 0 {
                try RasterImage(width: 8, height: 8, channels: 1, bytes: bytes).write(toPNG: file)
            } else {
                try Data("P5 8 8 255\n".utf8 + bytes).write(to: URL(fileURLWithPath: file))
            }
            return file
        }
        return (files, Array(test.labels.prefix(count)))
    }

    /// What the program says of test images is what its accuracy on the test data is made of.
    @Test(arguments: ["sequence", "image"]) func agreesWithTheTest(form: String) throws {
        try train(form)
        let (files, labels) = try writeDigits(360)
        let outcome = try program.run(["predict", "--model", model, "--json"] + files)
        try #require(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        let events = try outcome.outputLines.map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(events.map { $0["image"] as? String } == files)
        var correct = 0
        for (event, label) in zip(events, labels) {
            let probabilities = try #require(event["probabilities"] as? [Double])
            // Ten roundings of numbers up to 1.
            #expect(probabilities.count == 10 && abs(probabilities.reduce(0, +) - 1) < 1e-14)
            #expect(event["probability"] as? Double == probabilities.max())
            if event["class"] as? String == String(label) { correct += 1 }
        }
        let evaluation = try program.run(["evaluate", model])
        #expect(
            evaluation.outputLines.last == "test accuracy " + String(format: "%.4f", Double(correct) / 360))
    }

    /// A line for each image, and one for each of its likeliest classes.
    @Test func listsClasses() throws {
        try train("image")
        let (files, _) = try writeDigits(2)
        let outcome = try program.run(["predict", "--model", model, "--top", "2"] + files)
        let lines = outcome.outputLines
        try #require(outcome.status == 0 && lines.count == 6, "\(outcome)")
        #expect(lines[0] == files[0] && lines[3] == files[1])
        let shares = try [1, 2, 4, 5].map { index in
            let share = try #require(lines[index].wholeMatch(of: #/ +([01]\.\d{4})  \d/#)).1
            return try #require(Double(share))
        }
        #expect(shares[0] >= shares[1] && shares[2] >= shares[3])
    }

    @Test func refusesOtherImages() throws {
        try train("image")
        let (files, _) = try writeDigits(1)
        let text = try folder.write(Array("no image".utf8), to: "text.png")
        for (file, part) in [
            (text, "not an image: expected PNG"), (folder.file("none.png"), "No such file"),
        ] {
            let outcome = try program.run(["predict", "--model", model] + files + [file])
            // Nothing is said of the image before either.
            #expect(
                outcome.status != 0 && outcome.output == "" && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains(file) && outcome.errors.contains(part), "\(outcome)")
        }
        for arguments in [["--model", folder.file("none")] + files, ["--top", "0"] + files, []] {
            #expect(try program.run(["predict"] + arguments).status != 0)
        }
    }

    /// Pictures of other sizes and kinds are read as their plain twins, and what was done is said.
    @Test func adaptsOtherImages() throws {
        try train("image")
        let (files, _) = try writeDigits(2)
        let plain = try RasterImage(contentsOf: files[0])
        func probabilities(_ file: String, _ options: [String] = []) throws -> (
            values: [Double], errors: String
        ) {
            let outcome = try program.run(["predict", "--model", model, "--json", file] + options)
            try #require(outcome.status == 0, "\(outcome)")
            let event = try #require(
                JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            #expect(Set(event.keys) == ["event", "image", "class", "probability", "probabilities"])
            return (try #require(event["probabilities"] as? [Double]), outcome.errors)
        }
        func write(_ image: RasterImage, to name: String) throws -> String {
            try image.write(toPNG: folder.file(name))
            return folder.file(name)
        }
        let expected = try probabilities(files[0])
        #expect(expected.errors == "")

        let colored = try write(plain.converted(toChannels: 3), to: "colored.png")
        let fromColor = try probabilities(colored)
        #expect(fromColor.values == expected.values)
        #expect(fromColor.errors == "\(colored): converted from RGB to gray\n")

        let inverted = try write(plain.inverted, to: "inverted.png")
        let fromNegative = try probabilities(inverted, ["--invert"])
        #expect(fromNegative.values == expected.values && fromNegative.errors == "\(inverted): inverted\n")

        let wide = try write(plain.resized(width: 20, height: 12).converted(toChannels: 3), to: "wide.png")
        let fromWide = try probabilities(wide)
        #expect(fromWide.errors == "\(wide): resized from 20x12 to 8x8, converted from RGB to gray\n")
        #expect(abs(fromWide.values.reduce(0, +) - 1) < 1e-14)
    }

    /// Red, green and blue lie as the data have them, and classes have their names.
    @Test func namesClasses() throws {
        let task = try SmallTask()
        try task.writeCIFAR10()
        let program = try Program("CIFAR10")
        #expect(
            try program.run(task.arguments(shape: [3, 32, 32]) + ["--epochs", "1", "--quiet"]).status == 0)
        let test = try DataSet(cifar10: .test, folder: task.data)
        let planes = Array(test.bytes.prefix(3072))
        let pixels = (0..<1024).flatMap { pixel in (0..<3).map { planes[$0 * 1024 + pixel] } }
        let file = task.folder.file("image.png")
        try RasterImage(width: 32, height: 32, channels: 3, bytes: pixels).write(toPNG: file)
        let outcome = try program.run(["predict", "--model", task.model, "--json", file])
        try #require(outcome.status == 0, "\(outcome)")
        let event = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let found = try #require(event["probabilities"] as? [Double])
        let expected = try TrainedNetwork(contentsOf: task.model).probabilities(of: test.subset([0]))[0]
        // Numbers are written in full, but read with a rounding or two.
        #expect(found.count == 10 && zip(found, expected).allSatisfy { abs($0 - $1) <= 4 * $1.ulp })
        let names = [
            "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
        ]
        #expect(event["class"] as? String == names[expected.firstIndex(of: expected.max()!)!])
    }
}
