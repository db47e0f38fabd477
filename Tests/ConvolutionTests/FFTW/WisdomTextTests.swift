import Foundation
import TestSupport
import Testing

@testable import Convolution

/// FFTW ends the process at wisdom with numbers that do not fit its fields: such text never reaches it.
@Suite struct WisdomTextTests {
    private static let title = "(fftw-3.3.10 fftwf_wisdom #x9e7d4dee #xdb14fed1 #x34bf76a4 #xeb6e8fdf\n"
    private static let solution =
        "  (fftwf_codelet_n2fv_8_avx 0 #x10bdd #x10bdd #x0 #xa65d78bf #x28c8422e #x8fef6075 #xac0aeb71)\n"
    static let text = title + solution + ")\n"

    // Outside of the exit test: a generic function inside of its closure crashes the compiler (Swift 6.3.1).
    private static func measure<Scalar: ConvolutionScalar>(_ scalar: Scalar.Type) throws {
        for length in [8, 60, 1 << 10, 1021, 3 << 12] {
            let layout = FFTWLayout(length: length, count: 1, stride: 1, distance: length, isForward: true)
            _ = try FFTWPlan<Scalar>(layout, rigour: .measure)
        }
    }

    @Test func acceptsWhatFFTWWrites() async {
        await #expect(processExitsWith: .success) {
            Wisdom.directory = nil
            try Self.measure(Float.self)
            try Self.measure(Double.self)
            let texts = PlannerLock.locked {
                [FFTWFunctions<Float>.exportWisdom(), FFTWFunctions<Double>.exportWisdom()]
            }
            for text in texts {
                let text = try #require(text)
                #expect(text.split(separator: "\n").count > 2)
                #expect(WisdomText.isWellFormed(text), "\(text)")
            }
        }
        #expect(WisdomText.isWellFormed(Self.title + ")\n"))
        #expect(WisdomText.isWellFormed(Self.title + Self.solution + Self.solution + ")\n"))
    }

    /// One change each, of a text that is accepted.
    @Test(arguments: [
        ("0 #x10bdd #x10bdd", "0 #x100000 #x10bdd"), ("0 #x10bdd #x10bdd", "0 #x10bdd #x100000"),
        ("0 #x10bdd #x10bdd", "0 #x10bdFloatd #x10bdd"), ("0 #x10bdd", "0 #x+0bdd"), ("0 #x10bdd", "0 #x-1"),
        ("0 #x10bdd", "0 #x"), ("0 #x10bdd", "0 10bdd"), ("#x0 ", "#x200 "), ("#xac0aeb71", "#x1ac0aeb71"),
        ("_avx 0 ", "_avx 4294967296 "), ("_avx 0 ", "_avx -1 "), ("_avx 0 ", "_avx  "), ("_avx 0 ", "_avx "),
        ("_n2fv_", "_n2(v_"), ("_n2fv_", String(repeating: "n", count: 64)), ("_n2fv_", "_n2\u{E4}v_"),
        ("#xac0aeb71)", "#xac0aeb71"), ("#xac0aeb71)", "#xac0aeb71) "), ("  (fftwf", " (fftwf"),
        ("\n)\n", "\n)"), ("\n)\n", "\n"), ("\n)\n", "\n)\n)\n"), ("\n)\n", "\n)\nmore"),
        ("\n)\n", "\n)\u{301}\n"),
        ("(fftw-3.3.10 ", "fftw-3.3.10 "), (" #xeb6e8fdf", ""), (" #xeb6e8fdf", " #xeb6e8fdf)"),
    ])
    func refusesEverythingElse(part: String, replacement: String) throws {
        let range = try #require(Self.text.firstRange(of: part))
        #expect(!WisdomText.isWellFormed(Self.text.replacingCharacters(in: range, with: replacement)))
    }

    /// The flags of this solution do not fit FFTW's field. Its title is that of this machine, so FFTW would read on.
    @Test func neverReachesFFTW() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            Wisdom.directory = nil
            let known = try #require(PlannerLock.locked { FFTWFunctions<Float>.exportWisdom() })
            let title = known.prefix { $0 != "\n" }
            let text = "\(title)\n  (TIMEOUT 0 #x100000 #x0 #x0 #x0 #x0 #x0 #x0)\n)\n"
            let path = try folder.write(WisdomFile(precision: "Float", text: text).contents, to: "wisdom")
            #expect(
                throws: ConvolutionError.wisdom(path: path, reason: "its text is none that FFTW writes")
            ) { try Wisdom.load(Float.self, from: path) }
            // Such a file is replaced, as others that are damaged.
            try Wisdom.save(Float.self, to: path)
            try Wisdom.load(Float.self, from: path)
        }
    }
}
