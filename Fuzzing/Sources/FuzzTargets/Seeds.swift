import Foundation
import Tensors
import Terminator
import Training
import YAMLConfiguration

/// Inputs to begin with, made by our own writers. Those of foreign formats lie in the corpora as files.
public enum Seeds {
    /// Writes them into the folders of their targets.
    public static func write(into corpora: String) throws {
        func put(_ target: String, _ name: String, _ bytes: [UInt8]) throws {
            let folder = corpora + "/" + target
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try AtomicFile.write(bytes, to: folder + "/" + name)
        }
        let tensors = [
            (name: "a", tensor: Tensor(shape: [2, 2], scalars: [1, -2, 0.5, 3])),
            (name: "b.weight", tensor: Tensor(shape: [], scalars: [7])),
        ]
        let plain = try file {
            try Safetensors.write(
                tensors, integers: [(name: "n", values: [1, 2])], metadata: ["key": "text"], to: $0)
        }
        try put("safetensors", "plain", plain)
        try put("safetensors-header", "plain", withoutLength(plain))
        let network = FuzzTarget.smallNetwork
        let normalization = Normalization(of: FuzzTarget.data)
        try put(
            "model", "small",
            withoutLength(file { try TrainedNetwork(network, normalization: normalization).save(to: $0) }))
        try put("parameters", "small", withoutLength(file { try network.saveParameters(to: $0) }))
        try put(
            "authors-checkpoint", "small",
            withoutLength(file { try FuzzTarget.authorsNetwork.saveAuthorsParameters(to: $0) }))
        try writeCheckpoints { try put("checkpoint", $0, withoutLength($1)) }

        for preset in [NetworkPreset.sMNIST, .digitsImage] {
            try put("json-configuration", preset.rawValue, Array(preset.configuration.json.utf8))
            try put("yaml-configuration", preset.rawValue, Array(preset.configuration.yaml.utf8))
        }
        for target in ["json-setting", "yaml-setting"] {
            try put(target, "integer", Array("globalHidden=8".utf8))
            try put(target, "path", Array("blocks.1.dropout=0.25".utf8))
            try put(target, "list", Array("extents=[16, 16]".utf8))
        }
        try put("yaml-setting", "record", Array("blocks[0]={channels: 1, skips: []}".utf8))
        try put("json-setting", "record", Array("blocks[0]={\"channels\": 1, \"skips\": []}".utf8))
        try put("wisdom", "measured", FuzzTarget.measuredWisdom())
        for (name, bytes) in try FuzzTarget.waveSeeds() { try put("wave", name, bytes) }
        for isInBlocks in [false, true] {
            try put(
                "stream-state", isInBlocks ? "blocks" : "samples",
                FuzzTarget.streamStateSeed(isInBlocks: isInBlocks))
        }
        for position in [0, 3, 9] {
            try put("network-state", "\(position)-samples", FuzzTarget.networkStateSeed(position: position))
        }
        for (name, dimensions, flags, isStrided) in [
            ("row", 1, 0, false), ("row-parts", 1, 15, true), ("plane", 2, 0, true),
            ("plane-parts", 2, 7, false),
        ] as [(String, Int32, Int32, Bool)] {
            for isForward in [true, false] {
                try put(
                    "c-interface", "\(name)-\(isForward ? "forward" : "backward")",
                    FuzzTarget.cInterfaceSeed(
                        dimensions: dimensions, flags: flags, isStrided: isStrided, isForward: isForward))
            }
        }
        let gray = RasterImage(width: 3, height: 2, channels: 1, bytes: [0, 50, 100, 150, 200, 255])
        let color = RasterImage(width: 2, height: 1, channels: 3, bytes: [255, 0, 0, 0, 128, 255])
        // How many fourths of the bytes behind the first one are images; then two images, two labels.
        try put(
            "mnist", "fits",
            [6, 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]
                + [0, 0, 8, 1, 0, 0, 0, 2, 3, 9])
        for target in ["picture", "png-chunks"] {
            try put(target, "gray.png", gray.png)
            try put(target, "color.png", color.png)
        }
    }

    /// Checkpoints before the first step, within an epoch and after it.
    private static func writeCheckpoints(_ put: (String, [UInt8]) throws -> Void) throws {
        var trainer = FuzzTarget.trainer(of: FuzzTarget.smallNetwork)
        func save(_ trainer: Trainer<Network, Kar>, _ name: String) throws {
            try put(name, file { try trainer.save(to: $0, settings: FuzzTarget.settings) })
        }
        try save(trainer, "begun")
        var display = ProgressDisplay.onStandardError(isQuiet: true)
        try trainer.train(
            on: FuzzTarget.data, epochCount: 1, plan: FuzzTarget.plan, progress: &display
        ) { trainer, _ in
            try save(trainer, "epoch")
            return nil
        } afterStep: {
            if $0.currentEpoch?.stepCount == 1 { try save($0, "stepped") }
        }
    }

    static func file(_ write: (String) throws -> Void) throws -> [UInt8] {
        let path = InputFolder.path + "/seed"
        try write(path)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// A Safetensors file as the targets with headers take it: the header, a zero, the data.
    static func withoutLength(_ file: [UInt8]) -> [UInt8] {
        let length = file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        return file[8..<8 + length] + [0] + file[(8 + length)...]
    }
}
