import Foundation
import Training

extension FuzzTarget {
    /// Files of data sets: plain and gzip-compressed arrays, and folders of records.
    static let dataFiles = [
        FuzzTarget("idx") { bytes in
            let file = InputFolder.write(bytes)
            for rank in [1, 3] {
                guard let array = try? IDXArray(contentsOf: file, rank: rank, maximumByteCount: 1 << 22)
                else { continue }
                precondition(array.shape.count == rank && array.shape.reduce(1, *) == array.bytes.count)
            }
        },
        // What follows the magic number of gzip, so that every input is taken for compressed.
        FuzzTarget("gzip") { bytes in
            let magic: [UInt8] = [0x1F, 0x8B]
            let file = magic.withUnsafeBytes { InputFolder.write([$0, bytes]) }
            _ = try IDXArray(contentsOf: file, rank: 1, maximumByteCount: 1 << 22)
        },
        // The same data in one member or many, or without compression, are the same array or the same error.
        FuzzTarget("gzip-members") { bytes in
            let (file, contents) = Repair.gzip(bytes)
            guard !contents.starts(with: [0x1F, 0x8B]) else { return }
            let plain = readArray(InputFolder.write(contents))
            let compressed = readArray(InputFolder.write(file))
            precondition(plain == compressed)
        },
        FuzzTarget("mnist") { bytes in
            // The files of a part, one after the other: the first byte says where the second one begins.
            guard let cut = bytes.first.map({ min(Int($0) * 4 + 1, bytes.count) }) else { return }
            let images = UnsafeRawBufferPointer(rebasing: bytes[1..<max(1, cut)])
            let labels = UnsafeRawBufferPointer(rebasing: bytes[max(1, cut)...])
            _ = InputFolder.write(images, to: "train-images-idx3-ubyte")
            _ = InputFolder.write(labels, to: "train-labels-idx1-ubyte")
            check(try DataSet(.training, folder: InputFolder.path, classCount: 10))
        },
        FuzzTarget("cifar10") { bytes in
            _ = InputFolder.write(bytes, to: "test_batch.bin")
            check(try DataSet(cifar10: .test, folder: InputFolder.path))
        },
        FuzzTarget("cifar100") { bytes in
            _ = InputFolder.write(bytes, to: "test.bin")
            check(try DataSet(cifar100: .test, folder: InputFolder.path))
        },
        FuzzTarget("stl10") { bytes in
            let labelCount = bytes.count % (3 * 96 * 96)
            let images = UnsafeRawBufferPointer(rebasing: bytes[labelCount...])
            _ = InputFolder.write(images, to: "test_X.bin")
            _ = InputFolder.write(UnsafeRawBufferPointer(rebasing: bytes[..<labelCount]), to: "test_y.bin")
            check(try DataSet(stl10: .test, folder: InputFolder.path))
        },
    ]

    private static func readArray(_ file: String) -> Result<IDXArray, DataFileError> {
        Result { () throws(DataFileError) in
            try IDXArray(contentsOf: file, rank: 1, maximumByteCount: 1 << 22)
        }
    }

    private static func check(_ data: DataSet) {
        precondition(data.count >= 1 && data.labels.allSatisfy { 0..<data.classCount ~= $0 })
    }

    /// Pictures of all kinds, which are used as `predict` uses them.
    static let pictures = [
        FuzzTarget("picture") { bytes in try readPicture(InputFolder.write(bytes)) },
        // PNG with the right lengths and checksums.
        FuzzTarget("png-chunks") { bytes in try readPicture(InputFolder.write(Repair.png(bytes))) },
        // Portable maps alone: dictionaries and corpora of PNG do not stand in the way.
        FuzzTarget("portable-map") { bytes in
            guard let kind = bytes.first else { return }
            let magic = Array("P\(kind % 7)".utf8)
            let file = magic.withUnsafeBytes {
                InputFolder.write([$0, UnsafeRawBufferPointer(rebasing: bytes[1...])])
            }
            let image = try RasterImage(contentsOf: file, maximumByteCount: 1 << 22)
            precondition(image.bytes.count == image.width * image.height * image.channels)
        },
    ]

    /// A picture that was read can be written, and is then the same.
    private static func readPicture(_ file: String) throws {
        let image = try RasterImage(contentsOf: file, maximumByteCount: 1 << 22)
        let copy = InputFolder.write(image.png, to: "copy")
        precondition(withoutError { try RasterImage(contentsOf: copy) } == image)
    }

    /// A history of a training.
    static let history = FuzzTarget("history") { bytes in
        let history = try TrainingHistory(contentsOf: InputFolder.write(bytes))
        let copy = InputFolder.path + "/history.json"
        let read = withoutError {
            try history.write(to: copy)
            return try TrainingHistory(contentsOf: copy)
        }
        precondition(read == history)
    }
}
