import Foundation
import FuzzTargets
import LibFuzzer

/// `Fuzz TARGET [libFuzzer's options and corpora]` fuzzes a reader; `Fuzz replay CORPORA` gives each target the files of
/// the folder with its name; `Fuzz seeds CORPORA` writes the inputs to begin with; `Fuzz list` names the targets.
@main enum Fuzz {
    /// The target that libFuzzer's callback runs.
    nonisolated(unsafe) static var target = FuzzTarget.all[0]  // set once, before libFuzzer begins

    static func main() {
        let arguments = CommandLine.arguments
        switch arguments.count > 1 ? arguments[1] : "" {
        case "list": for target in FuzzTarget.all { print(target.name) }
        case "seeds" where arguments.count == 3:
            do { try Seeds.write(into: arguments[2]) } catch { fail("\(error)") }
        case "replay" where arguments.count == 3: replay(arguments[2])
        case let name:
            guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
                fail(
                    "expected list, seeds CORPORA, replay CORPORA or one of \(FuzzTarget.all.map(\.name)), found '\(name)'"
                )
            }
            Self.target = target
            fuzz([arguments[0]] + arguments[2...])
        }
    }

    private static func fuzz(_ arguments: [String]) {
        var count = Int32(arguments.count)
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let status = pointers.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &start) { bytes, count in
                _ = Fuzz.target.run(UnsafeRawBufferPointer(start: bytes, count: count))
                return 0
            }
        }
        exit(status)
    }

    /// Every file that was kept, once: a target without files is a mistake.
    private static func replay(_ corpora: String) {
        for target in FuzzTarget.all {
            let folder = corpora + "/" + target.name
            let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            if files.isEmpty { fail("expected a corpus in \(folder), found none") }
            var refusals: [(file: String, message: String)] = []
            for file in files {
                guard let data = FileManager.default.contents(atPath: folder + "/" + file) else {
                    fail("\(folder)/\(file) cannot be read")
                }
                let start = ContinuousClock.now
                if let message = data.withUnsafeBytes({ target.run($0) }) { refusals.append((file, message)) }
                let elapsed = ContinuousClock.now - start
                if elapsed > .seconds(10) { fail("\(folder)/\(file) took \(elapsed)") }
            }
            print("\(target.name): \(files.count) inputs, \(files.count - refusals.count) accepted")
            for refusal in refusals { print("    \(refusal.file): \(refusal.message)") }
        }
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("error: \(message)\n".utf8))
        exit(1)
    }
}
