import ExampleTestSupport
import Foundation

/// Little data in the official formats and a little network for each shape, so that a program trains in seconds.
struct SmallTask {
    let folder: TemporaryFolder
    var data: String { folder.file("data") }
    var output: String { folder.file("output") }
    var model: String { output + "/model.safetensors" }
    var checkpoint: String { output + "/checkpoint.safetensors" }

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
    }

    /// What all trainings here have on their command line.
    func arguments(shape: [Int], classCount: Int = 10) throws -> [String] {
        let network = """
            extents: [\(shape.dropFirst().map(String.init).joined(separator: ", "))]
            inputChannels: \(shape[0])
            classCount: \(classCount)
            blocks:
            - {channels: \(shape[0]), expansion: 12, globalLayers: 1}
            - {channels: \(12 * shape[0]), expansion: 1, skips: [0], dropout: 0.25, globalLayers: 1}
            globalHidden: 4
            localSlowNet: {hidden: 4, layers: 1}
            channelSlowNet: {hidden: 4, layers: 1}
            interactionChannelSlowNet: {hidden: 4, layers: 1}
            interactionSpatialSlowNet: {hidden: 4, layers: 1}
            """
        let file = try folder.write(Array(network.utf8), to: "network.yaml")
        return ["train", "--config", file, "--data", data, "--output", output, "--batch-size", "8"]
    }

    /// An image of a class: noise, brighter the higher the class is.
    private func image(_ count: Int, label: Int, classCount: Int, using numbers: inout SplitMix64) -> [UInt8]
    {
        (0..<count).map { _ in UInt8(numbers.next() % 60) + UInt8(180 * label / classCount) }
    }

    /// A byte-wise file of records: what `prefix` makes of a label, then an image.
    private func write(
        _ name: String, count: Int, size: Int, classCount: Int, seed: UInt64, prefix: (UInt8) -> [UInt8]
    ) throws {
        var numbers = SplitMix64(seed: seed)
        let bytes = (0..<count).flatMap { index in
            let label = index % classCount
            return prefix(UInt8(label))
                + image(size, label: label, classCount: classCount, using: &numbers)
        }
        _ = try folder.write(bytes, to: "data/" + name)
    }

    /// 40 and 20 images in the four files of MNIST.
    func writeMNIST() throws {
        for (name, count) in [("train", 40), ("t10k", 20)] {
            let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 28, 0, 0, 0, 28]
            var numbers = SplitMix64(seed: UInt64(count))
            let images = (0..<count).flatMap {
                image(784, label: $0 % 10, classCount: 10, using: &numbers)
            }
            _ = try folder.write(header + images, to: "data/\(name)-images-idx3-ubyte")
            _ = try folder.write(
                [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + (0..<count).map { UInt8($0 % 10) },
                to: "data/\(name)-labels-idx1-ubyte")
        }
    }

    func writeCIFAR10() throws {
        try write("data_batch_1.bin", count: 16, size: 3072, classCount: 10, seed: 1) { [$0] }
        try write("data_batch_2.bin", count: 8, size: 3072, classCount: 10, seed: 2) { [$0] }
        try write("test_batch.bin", count: 12, size: 3072, classCount: 10, seed: 3) { [$0] }
    }

    func writeCIFAR100() throws {
        try write("train.bin", count: 24, size: 3072, classCount: 100, seed: 4) { [0, $0] }
        try write("test.bin", count: 12, size: 3072, classCount: 100, seed: 5) { [0, $0] }
    }

    func writeSTL10() throws {
        for (name, count) in [("train", 8), ("test", 4)] {
            try write("\(name)_X.bin", count: count, size: 3 * 96 * 96, classCount: 10, seed: 6) { _ in [] }
            _ = try folder.write((0..<count).map { UInt8($0 % 10 + 1) }, to: "data/\(name)_y.bin")
        }
    }
}
