import Foundation
import Runtime
import TestSupport
import Testing

@testable import Convolution

/// Wisdom survives a round trip; what is damaged is refused whole.
///
/// What FFTW has learned and where it is kept is global, so whatever plans by measuring does so in a process of its own,
/// and in a temporary folder.
@Suite struct WisdomTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func layout(_ length: Int) -> FFTWLayout {
        FFTWLayout(length: length, count: 1, stride: 1, distance: length, isForward: true)
    }

    /// Learns about transforms of one length.
    private static func learn(_ length: Int) throws {
        _ = try FFTWPlan<Float>(layout(length), rigour: .measure)
    }

    /// Whether wisdom has an answer for transforms of one length.
    private static func isKnown(_ length: Int) -> Bool {
        // FFTW_WISDOM_ONLY of fftw3.h: a plan out of wisdom, or none.
        let wisdomOnly: UInt32 = 1 << 21
        // What `FFTWPlan` asks for: the input is destroyed.
        let destroyInput: UInt32 = 1 << 0
        let input = PooledArray<Float>(count: 2 * length), output = PooledArray<Float>(count: 2 * length)
        return PlannerLock.locked {
            MeasuredWisdom<Float>.activate()
            let plan = FFTWFunctions<Float>.plan(
                layout(length), input: input.pointer, output: output.pointer,
                flags: Rigour.measure.flags | wisdomOnly | destroyInput)
            plan.map(FFTWFunctions<Float>.destroy)
            return plan != nil
        }
    }

    @Test func roundTrip() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            Wisdom.directory = nil
            // In a folder that is not there yet.
            let path = folder.file("new/folders/wisdom")
            #expect(!Self.isKnown(60))
            try Self.learn(60)
            #expect(Self.isKnown(60))
            try Wisdom.save(Float.self, to: path)
            Wisdom.forget(Float.self)
            #expect(!Self.isKnown(60))
            try Wisdom.load(Float.self, from: path)
            #expect(Self.isKnown(60))
            #expect(
                throws: ConvolutionError.wisdom(
                    path: path, reason: "expected wisdom for Double, found it for Float")
            ) { try Wisdom.load(Double.self, from: path) }
        }
    }

    /// What others wrote is kept; what is damaged is replaced; what is for another precision is neither.
    @Test func savesAreMerged() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            Wisdom.directory = nil
            let path = folder.file("wisdom")
            for length in [60, 72, 84] {
                Wisdom.forget(Float.self)
                try Self.learn(length)
                try Wisdom.save(Float.self, to: path)
            }
            Wisdom.forget(Float.self)
            try Wisdom.load(Float.self, from: path)
            for length in [60, 72, 84] { #expect(Self.isKnown(length), "length \(length)") }
            #expect(
                throws: ConvolutionError.wisdom(
                    path: path, reason: "expected wisdom for Double, found it for Float")
            ) { try Wisdom.save(Double.self, to: path) }

            let damaged = try folder.write(Array("nonsense".utf8), to: "damaged")
            try Wisdom.save(Float.self, to: damaged)
            Wisdom.forget(Float.self)
            try Wisdom.load(Float.self, from: damaged)
            #expect(Self.isKnown(60))
            // Nothing is left beside the files.
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                    "damaged", "wisdom",
                ])
        }
    }

    /// A writer waits for another one, and adds to what that one wrote.
    @Test func writersTakeTurns() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            Wisdom.directory = nil
            let path = folder.file("wisdom"), other = folder.file("other")
            try Self.learn(60)
            try Wisdom.save(Float.self, to: other)
            Wisdom.forget(Float.self)
            try Self.learn(72)
            // The other writer has the folder and has not written yet.
            let descriptor = open(folder.path, O_RDONLY)
            #expect(flock(descriptor, LOCK_EX) == 0)
            let isSaved = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                try! Wisdom.save(Float.self, to: path)
                isSaved.signal()
            }
            // One that did not wait would have written by now, mostly, and lost what it wrote.
            #expect(isSaved.wait(timeout: .now() + 0.3) == .timedOut)
            try FileManager.default.copyItem(atPath: other, toPath: path)
            close(descriptor)
            isSaved.wait()
            Wisdom.forget(Float.self)
            try Wisdom.load(Float.self, from: path)
            #expect(Self.isKnown(60) && Self.isKnown(72))
        }
    }

    /// Devices and pipes stay what they are. The device is in a folder in which nobody can make files: a writer that
    /// tried to replace it would fail, and harm nothing.
    @Test func onlyRegularFilesAreReplaced() throws {
        let pipe = folder.file("pipe"), link = folder.file("link")
        #expect(mkfifo(pipe, 0o600) == 0 && symlink("pipe", link) == 0)
        var cases = [(pipe, "a pipe"), (link, "a pipe"), (folder.path, "a folder")]
        #if os(Linux)
        cases.append(("/dev/pts/ptmx", "a device"))
        #endif
        for (path, kind) in cases {
            #expect(
                throws: ConvolutionError.wisdom(path: path, reason: "expected a regular file, found \(kind)")
            ) { try Wisdom.save(Float.self, to: path) }
        }
        var status = stat()
        #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    /// Links stay links, relative ones and chains of them, to files that are there or not yet.
    @Test func linksAreKept() throws {
        for isThere in [false, true] {
            let name = "file \(isThere)", first = folder.file("first \(isThere)")
            if isThere { _ = try folder.write(Array("nonsense".utf8), to: name) }
            #expect(symlink("second \(isThere)", first) == 0)
            #expect(symlink(folder.file(name), folder.file("second \(isThere)")) == 0)
            try Wisdom.save(Float.self, to: first)
            try Wisdom.load(Float.self, from: folder.file(name))
            var status = stat()
            #expect(lstat(first, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
            #expect(lstat(folder.file(name), &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
        }
        let loop = folder.file("loop")
        #expect(symlink("loop", loop) == 0)
        #expect(
            throws: ConvolutionError.wisdom(path: loop, reason: String(cString: strerror(ELOOP)))
        ) { try Wisdom.save(Float.self, to: loop) }
    }

    @Test func damageIsRefused() throws {
        let file = WisdomFile(precision: "Float", text: WisdomTextTests.text)
        #expect(try WisdomFile(file.contents) == file)
        // Whole, but none of FFTW's texts.
        #expect(throws: WisdomFile.Damage.self) {
            try WisdomFile(WisdomFile(precision: "Float", text: "(some wisdom)").contents)
        }
        let contents = file.contents
        for count in 0..<contents.count {
            #expect(throws: WisdomFile.Damage.self, "cut to \(count) bytes") {
                try WisdomFile(Array(contents.prefix(count)))
            }
        }
        for index in contents.indices where contents[index] != UInt8(ascii: " ") {
            var damaged = contents
            damaged[index] ^= 1
            let read = try? WisdomFile(damaged)
            // The precision's name is not under the checksum; `load` compares it with what it expects.
            #expect(read == nil || read?.precision != file.precision, "byte \(index) changed")
        }
    }

    @Test func unwritableAndMissingFilesAreNamed() throws {
        #expect(throws: ConvolutionError.wisdom(path: "/nowhere/at/all", reason: "No such file or directory"))
        {
            try Wisdom.load(Float.self, from: "/nowhere/at/all")
        }
        let file = try folder.write([], to: "file")
        for path in [file + "/wisdom", file + "/new/wisdom"] {
            #expect(throws: ConvolutionError.wisdom(path: path, reason: "Not a directory")) {
                try Wisdom.save(Float.self, to: path)
            }
        }
    }

    /// A plan that is not measured does not depend on what was measured before: results keep their bits.
    @Test func estimatesIgnoreWisdom() async {
        await #expect(processExitsWith: .success) {
            Wisdom.directory = nil
            // Lengths for which measuring has many plans to choose from; for some it chooses another than the estimate.
            let lengths = [120, 168, 210, 256, 360, 384, 480, 512, 640, 720, 840, 1024, 1260, 2048]
            func transforms() throws -> [[Float]] {
                try lengths.map { length in
                    var numbers = SplitMix64.announced(seed: UInt64(length))
                    let plan = try FFTWPlan<Float>(Self.layout(length), rigour: .estimate)
                    let input = AlignedArray<Float>(zeros: 2 * length),
                        output = AlignedArray<Float>(zeros: 2 * length)
                    for index in 0..<2 * length {
                        input.pointer[index] = Float(numbers.next() % 1000) / 1000 - 0.5
                    }
                    plan(input.pointer, output.pointer)
                    return (0..<2 * length).map { output.pointer[$0] }
                }
            }
            let before = try transforms()
            for length in lengths { try Self.learn(length) }
            #expect(try transforms() == before)
            // What was learned is still there.
            for length in lengths { #expect(Self.isKnown(length), "length \(length)") }
        }
    }

    @Test func measuredPlansAreKeptPerMachineAndPrecision() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            Wisdom.directory = folder.file("wisdom")
            try TransformChoice.$forcedKind.withValue(.fftw) {
                _ = try LongConvolution<Double>(
                    length: 333, kernelLength: 333, boundary: .full, rigour: .measure)
            }
            let path = try #require(Wisdom.automaticPath(Double.self))
            try Wisdom.load(Double.self, from: path)
            #expect(path != Wisdom.automaticPath(Float.self))
        }
    }
}
