import CArchive
import ExampleTestSupport
import Foundation
import Tensors
import Terminator
import Testing
import Training

/// What the digits program refuses: with one line on standard error that says what and why, an exit status other
/// than 0, and the file that was there before as it was.
@Suite struct DigitsRefusalTests {
    let program: Program
    let folder: TemporaryFolder
    /// Not a model; just something that must stay.
    let kept = Data("a model of earlier days".utf8)
    var model: URL { URL(fileURLWithPath: folder.path + "/model.safetensors") }
    var data: String { folder.path + "/data" }

    init() throws {
        program = try Program("Digits")
        folder = try TemporaryFolder()
        try kept.write(to: model)
        try FileManager.default.copyItem(
            atPath: repositoryFolder + "/Examples/Sources/Digits/Data", toPath: data)
    }

    func expectRefusal(
        _ arguments: [String], saying parts: [String], from location: SourceLocation = #_sourceLocation
    ) throws {
        let command = arguments.first == "evaluate" ? [] : ["train"]
        let outcome = try program.run(command + arguments + ["--quiet"])
        #expect(outcome.status > 0, sourceLocation: location)
        #expect(outcome.errorLines.count == 1, "\(outcome)", sourceLocation: location)
        #expect(outcome.errors.hasPrefix("error: "), sourceLocation: location)
        for part in parts {
            #expect(outcome.errors.contains(part), "\(outcome.errors)", sourceLocation: location)
        }
        #expect(try Data(contentsOf: model) == kept, sourceLocation: location)
    }

    @Test(arguments: [
        (["--mode", "image"], "--mode"), (["--preset", "triangle"], "triangle"),
        (["--epochs", "0"], "--epochs"),
        (["--epochs", "many"], "many"), (["--batch-size", "0"], "--batch-size"), (["--rate", "0"], "--rate"),
        (["--rate=-1"], "--rate"), (["--rate", "nan"], "--rate"), (["--erase", "0"], "--erase"),
        (["--erase", "1"], "below 1"), (["--seed=-3"], "-3"),
        (["--threads", "0"], "--threads"), (["--threads", "1000000"], "--threads"),
        (["--validation", "1437"], "1437"),
        (["digits"], "digits"), (["--data"], "--data"),
    ])
    func refusesOptions(arguments: [String], part: String) throws {
        try expectRefusal(["--output", folder.path] + arguments, saying: [part])
    }

    @Test func refusesOutputThatIsNoFolder() throws {
        try expectRefusal(["--output", model.path], saying: ["--output", model.path])
    }

    // MARK: - Data

    /// The bytes of one of the data's files.
    func bytes(of file: String) throws -> [UInt8] {
        let archive = archive_read_new()
        defer { archive_read_free(archive) }
        archive_read_support_filter_gzip(archive)
        archive_read_support_format_raw(archive)
        var entry: OpaquePointer?
        try #require(
            archive_read_open_filename(archive, "\(data)/\(file).gz", 1 << 16) == ARCHIVE_OK
                && archive_read_next_header(archive, &entry) == ARCHIVE_OK)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = archive_read_data(archive, &bytes, bytes.count)
        try #require(count > 0)
        return Array(bytes[..<count])
    }

    /// Puts plain `bytes` in the place of a file of the data, and expects that they are refused by its name.
    func expectRefusal(
        of bytes: [UInt8], asFile file: String, saying parts: [String],
        from location: SourceLocation = #_sourceLocation
    ) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(data)/\(file)"))
        try expectRefusal(["--data", data, "--output", folder.path], saying: [file] + parts, from: location)
        try FileManager.default.removeItem(atPath: "\(data)/\(file)")
    }

    @Test func refusesMissingData() throws {
        try expectRefusal(
            ["--data", folder.path + "/nowhere", "--output", folder.path],
            saying: ["nowhere/train-images-idx3-ubyte: cannot be read: No such file or directory"])
    }

    @Test(arguments: ["train", "t10k"]) func refusesDamagedImages(part: String) throws {
        let file = part + "-images-idx3-ubyte"
        let images = try bytes(of: file)
        try expectRefusal(
            of: images.dropLast(), asFile: file,
            saying: ["truncated: expected \(images.count) bytes, found \(images.count - 1)"])
        try expectRefusal(
            of: images + [0], asFile: file, saying: ["expected \(images.count) bytes, found more"])
        try expectRefusal(
            of: Array("P5 8 8 255".utf8), asFile: file, saying: ["not an IDX file", "50 35 20 38"])
        try expectRefusal(
            of: try bytes(of: part + "-labels-idx1-ubyte"), asFile: file, saying: ["expected 3 axes, found 1"]
        )
    }

    @Test(arguments: ["train", "t10k"]) func refusesDamagedLabels(part: String) throws {
        let file = part + "-labels-idx1-ubyte"
        var labels = try bytes(of: file)
        let other = try bytes(of: (part == "train" ? "t10k" : "train") + "-labels-idx1-ubyte")
        try expectRefusal(
            of: other, asFile: file,
            saying: ["expected \(labels.count - 8) labels", "found \(other.count - 8)"])
        labels[8 + 5] = 10
        try expectRefusal(
            of: labels, asFile: file, saying: ["expected labels from 0 to 9, found 10 at index 5"])
    }

    /// As many pixels, but eight images of 8x9 for each nine of 8x8: 320 = 0x140 of them.
    @Test func refusesTestImagesOfAnotherSize() throws {
        var images = try bytes(of: "t10k-images-idx3-ubyte")
        images.replaceSubrange(4..<16, with: [0, 0, 0x01, 0x40, 0, 0, 0, 8, 0, 0, 0, 9])
        try Data(images).write(to: URL(fileURLWithPath: data + "/t10k-images-idx3-ubyte"))
        let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0x01, 0x40] + [UInt8](repeating: 3, count: 320)
        try Data(labels).write(to: URL(fileURLWithPath: data + "/t10k-labels-idx1-ubyte"))
        try expectRefusal(
            ["--preset", "digits-image", "--data", data, "--output", folder.path],
            saying: [data, "expected samples of shape [1, 8, 8], found [1, 8, 9]"])
    }

    // MARK: - Models

    /// A model trained for one epoch on little data.
    func trainedModel(form: String) throws -> String {
        let output = folder.path + "/" + form
        let outcome = try program.run([
            "train", "--preset", "digits-\(form)", "--epochs", "1", "--validation", "1400", "--output",
            output, "--quiet",
        ])
        #expect(outcome.status == 0)
        return output + "/model.safetensors"
    }

    @Test func refusesWhatIsNoModel() throws {
        try expectRefusal(["evaluate", folder.path + "/nothing"], saying: ["nothing", "No such file"])
        try expectRefusal(["evaluate", model.path], saying: [model.path])
        let cut = URL(fileURLWithPath: folder.path + "/cut.safetensors")
        try Data(contentsOf: URL(fileURLWithPath: try trainedModel(form: "sequence"))).dropLast(4).write(
            to: cut)
        try expectRefusal(["evaluate", cut.path], saying: [cut.path])
    }

    @Test func refusesAModelOfAnotherNetwork() throws {
        let file = try trainedModel(form: "image")
        let trained = try TrainedNetwork(contentsOf: file)
        var configuration = trained.network.configuration
        configuration.extents = [7, 9]
        var randomNumbers = RandomNumbers(seed: 1)
        try TrainedNetwork(
            Network(configuration, using: &randomNumbers), normalization: trained.normalization,
            record: trained.record
        ).save(to: file)
        try expectRefusal(
            ["evaluate", file],
            saying: [
                "expected a network for samples of shape [1, 8, 8] in 10 classes, found one for [1, 7, 9]"
            ])
        // A golden model: it has parameters, but neither a configuration nor a normalization.
        try expectRefusal(
            ["evaluate", repositoryFolder + "/Tests/Golden/terminator_tiny_2d.weights.safetensors"],
            saying: ["terminator_tiny_2d.weights.safetensors", "configuration"])
    }

    /// Nothing of a training that never completed an epoch is kept.
    @Test func stopsWhereNumbersEnd() throws {
        try expectRefusal(
            ["--rate", "1e38", "--epochs", "1", "--output", folder.path, "--overwrite"],
            saying: ["finite", "at step "])
    }

    /// With this rate the weights grow by up to thirty each step: some epochs are whole before numbers end.
    @Test func namesTheModelToGoOnFrom() throws {
        let output = folder.path + "/trained"
        let outcome = try program.run([
            "train", "--rate", "10", "--epochs", "20", "--batch-size", "479", "--output", output, "--quiet",
        ])
        let file = output + "/model.safetensors"
        #expect(outcome.status > 0 && outcome.errorLines.count == 1)
        #expect(
            outcome.errors.firstMatch(of: /a finite gradient of blocks\.\S+ at step \d+, found/) != nil,
            "\(outcome.errors)")
        #expect(
            outcome.errors.hasSuffix("; the network that was saved last is in \(file)\n"),
            "\(outcome.errors)")
        #expect(try TrainedNetwork(contentsOf: file).network.configuration == .digits(form: .sequence))
    }
}
