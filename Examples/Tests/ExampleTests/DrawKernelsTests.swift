import ExampleTestSupport
import Foundation
import Tensors
import Terminator
import Testing
import Training

/// The pictures of a network's hyper-kernels.
@Suite struct DrawKernelsTests {
    let folder: TemporaryFolder
    var pictures: String { folder.file("pictures") }

    init() throws { folder = try TemporaryFolder() }

    /// A model that was not trained: its kernels are as good as any.
    func writeModel(_ configuration: NetworkConfiguration) throws -> (file: String, kernels: [Tensor]) {
        var randomNumbers = RandomNumbers(seed: 3)
        let network = Network(configuration, using: &randomNumbers)
        let file = folder.file("model.safetensors")
        let channels = configuration.inputChannels
        let normalization = Normalization(
            means: Array(repeating: 0, count: channels), deviations: Array(repeating: 1, count: channels))
        try TrainedNetwork(network, normalization: normalization).save(to: file)
        return (file, network.blocks.map { $0.globalSlowNet.kernel(extents: configuration.extents) })
    }

    func draw(_ name: String, _ model: String) throws -> [RasterImage] {
        let outcome = try Program(name).run(["kernels", model, "--output", pictures])
        try #require(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        return try outcome.outputLines.enumerated().map { index, line in
            let file = "\(pictures)/block-\(index).png"
            #expect(line.hasPrefix(file + "  "))
            return try RasterImage(contentsOf: file)
        }
    }

    func pixel(_ image: RasterImage, _ x: Int, _ y: Int) -> [UInt8] {
        Array(image.bytes[(y * image.width + x) * 3..<(y * image.width + x) * 3 + 3])
    }

    /// Blue below zero, red above it, and the full color where the kernel is largest.
    func expectColor(_ found: [UInt8], of value: Float, scale: Float) {
        let end: [Float] = value < 0 ? [20, 90, 200] : [200, 40, 30]
        let expected = end.map { UInt8(255 + (($0 - 255) * abs(value / scale)).rounded()) }
        #expect(found == expected, "\(value) on the scale \(scale)")
    }

    /// 64 samples, eight pixels each, in rows of 12 pixels and one between them.
    @Test func drawsSequencesAsRows() throws {
        let (model, kernels) = try writeModel(.digits(form: .sequence))
        let images = try draw("Digits", model)
        #expect(images.count == 3)
        for (image, kernel) in zip(images, kernels) {
            let (channels, scalars) = (kernel.shape[0], kernel.scalars)
            #expect(image.width == 512 && image.height == channels * 13 - 1)
            let scale = scalars.reduce(0) { max($0, abs($1)) }
            for channel in 0..<channels {
                for place in [0, 1, 31, 63] {
                    expectColor(
                        pixel(image, place * 8 + 7, channel * 13 + 11), of: scalars[channel * 64 + place],
                        scale: scale)
                }
            }
        }
    }

    /// Of 24 tiles five are side by side; 8x8 samples take 48x48 pixels, and two pixels are between tiles.
    @Test func drawsImagesAsTiles() throws {
        let (model, kernels) = try writeModel(.digits(form: .image))
        let images = try draw("Digits", model)
        let (image, kernel) = (images[2], kernels[2])
        #expect(kernel.shape == [24, 8, 8] && image.width == 5 * 50 - 2 && image.height == 5 * 50 - 2)
        let scalars = kernel.scalars
        let scale = scalars.reduce(0) { max($0, abs($1)) }
        for channel in 0..<24 {
            for (row, column) in [(0, 0), (3, 5), (7, 7)] {
                expectColor(
                    pixel(image, channel % 5 * 50 + column * 6 + 3, channel / 5 * 50 + row * 6 + 3),
                    of: scalars[(channel * 8 + row) * 8 + column], scale: scale)
            }
        }
        #expect(pixel(image, 48, 20) == [190, 190, 190] && pixel(image, 240, 240) == [190, 190, 190])
        #expect(images[0].width == 48 && images[0].height == 48)
    }

    /// Of 3,000 samples on 2,048 pixels none that is larger than its neighbors gets lost.
    @Test func keepsTheLargestOfLongKernels() throws {
        var configuration = NetworkConfiguration.addingProblem
        configuration.extents = [3000]
        let (model, kernels) = try writeModel(configuration)
        let image = try draw("AddingProblem", model)[0]
        #expect(image.width == 2048)
        let scalars = kernels[0].scalars
        let place = scalars.indices.max { abs(scalars[$0]) < abs(scalars[$1]) }!
        let (channel, time) = (place / 3000, place % 3000)
        let full: [UInt8] = scalars[place] < 0 ? [20, 90, 200] : [200, 40, 30]
        let columns = max(0, time * 2048 / 3000 - 1)...min(2047, time * 2048 / 3000 + 1)
        #expect(columns.contains { pixel(image, $0, channel * 13) == full })
    }

    @Test func replacesPicturesAndRefusesOtherThings() throws {
        let (model, _) = try writeModel(.digits(form: .image))
        let first = try draw("Digits", model)
        #expect(try draw("Digits", model) == first)
        #expect(try FileManager.default.contentsOfDirectory(atPath: pictures).count == 3)
        let program = try Program("Digits")
        for arguments in [[folder.file("none")], [model, "--output", model]] {
            let outcome = try program.run(["kernels"] + arguments)
            #expect(outcome.status != 0 && outcome.errorLines.count == 1, "\(outcome)")
        }
        let events = try program.run(["kernels", model, "--output", pictures, "--json"]).outputLines.map {
            line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(events.map { $0["channels"] as? Int } == [1, 12, 24])
        #expect(events.allSatisfy { $0["event"] as? String == "kernels" && $0["scale"] is NSNumber })
    }
}
