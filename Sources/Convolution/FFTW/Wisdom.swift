import Runtime

/// FFTW's wisdom, the plans that it found best by measuring, kept from one run to the next.
///
/// Only plans of the rigours ``Rigour/measure`` and ``Rigour/patient`` learn anything. They read the file of this
/// machine and precision in ``directory`` before the first such plan, and add to it after each that was new.
public enum Wisdom {
    /// The longest time, in seconds, that planning one transform may take; at first 10.
    public static var timeLimit: Double {
        get { PlannerLock.timeLimit }
        set {
            require(newValue > 0, "a time limit is above 0 seconds, got \(newValue)")
            PlannerLock.timeLimit = newValue
        }
    }

    /// The folder in which wisdom is kept automatically; `nil` for none. At first `long-convolution` in `$XDG_CACHE_HOME`, or in
    /// `~/.cache`.
    public static var directory: String? {
        get { storedDirectory.withLock { $0 } }
        set { storedDirectory.withLock { $0 = newValue } }
    }

    private static let storedDirectory = LockedValue<String?>(defaultDirectory, isHeldAcrossForks: true)

    private static var defaultDirectory: String? {
        if let cache = environment("XDG_CACHE_HOME"), cache.hasPrefix("/") {
            return cache + "/long-convolution"
        }
        return environment("HOME").map { $0 + "/.cache/long-convolution" }
    }

    /// Adds the wisdom of one precision to a file, which is created if there is none.
    ///
    /// The file's wisdom is imported first, so that concurrent writers lose nothing of each other's; a file that is damaged
    /// or of another version is replaced. A symbolic link stays one.
    ///
    /// - Throws: ``ConvolutionError/wisdom(path:reason:)`` when the file cannot be written, is no regular file or holds
    ///   wisdom for another precision; then it is as it was.
    public static func save<Scalar: ConvolutionScalar>(
        _ precision: Scalar.Type, to path: String
    ) throws(ConvolutionError) {
        try WisdomFile.update(path) { contents throws(ConvolutionError) in
            let earlier = contents.flatMap { try? WisdomFile($0) }
            if let earlier { try check(earlier, precision, path) }
            let text = PlannerLock.locked {
                if let earlier { _ = FFTWFunctions<Scalar>.importWisdom(earlier.text) }
                return FFTWFunctions<Scalar>.exportWisdom()
            }
            guard let text else { throw .wisdom(path: path, reason: "FFTW could not export it") }
            return WisdomFile(precision: "\(Scalar.self)", text: text).contents
        }
    }

    /// Imports the wisdom of one precision from a file.
    ///
    /// - Throws: ``ConvolutionError/wisdom(path:reason:)`` when the file cannot be read, is damaged, or was written by
    ///   another version, precision or FFTW; then nothing is added.
    public static func load<Scalar: ConvolutionScalar>(
        _ precision: Scalar.Type, from path: String
    ) throws(ConvolutionError) {
        let contents = try WisdomFile.contents(of: path)
        let file: WisdomFile
        do { file = try WisdomFile(contents) } catch { throw .wisdom(path: path, reason: error.reason) }
        try check(file, precision, path)
        guard PlannerLock.locked({ FFTWFunctions<Scalar>.importWisdom(file.text) }) else {
            throw .wisdom(path: path, reason: "FFTW does not accept it: it is of another version or machine")
        }
    }

    private static func check<Scalar: ConvolutionScalar>(
        _ file: WisdomFile, _ precision: Scalar.Type, _ path: String
    ) throws(ConvolutionError) {
        guard file.precision == "\(Scalar.self)" else {
            throw .wisdom(
                path: path, reason: "expected wisdom for \(Scalar.self), found it for \(file.precision)")
        }
    }

    /// Forgets the wisdom of one precision; files stay.
    public static func forget<Scalar: ConvolutionScalar>(_ precision: Scalar.Type) {
        PlannerLock.locked { FFTWFunctions<Scalar>.forgetWisdom() }
    }

    // MARK: - Automatic files

    private static let loaded = LockedValue<Set<String>>([], isHeldAcrossForks: true)

    /// The file of this machine and precision.
    static func automaticPath<Scalar: ConvolutionScalar>(_ precision: Scalar.Type) -> String? {
        directory.map { "\($0)/wisdom-\(WisdomFile.version)-\(Machine.name)-\(Scalar.self)" }
    }

    /// Reads this machine's file, once; a missing or damaged file counts as empty.
    static func loadAutomatically<Scalar: ConvolutionScalar>(_ precision: Scalar.Type) {
        guard let path = automaticPath(precision), loaded.withLock({ $0.insert(path).inserted }) else {
            return
        }
        try? load(precision, from: path)
    }

    /// Writes this machine's file; planning does not fail if the folder cannot be written.
    static func saveAutomatically<Scalar: ConvolutionScalar>(_ precision: Scalar.Type) {
        guard let path = automaticPath(precision) else { return }
        try? save(precision, to: path)
    }
}

/// A wisdom file: a header line with version, precision, length and checksum, then FFTW's text.
struct WisdomFile: Equatable {
    static let version = 1
    /// More than FFTW ever writes.
    static let largestByteCount = 1 << 24

    let precision: String
    let text: String

    /// Why a file is not valid.
    struct Damage: Error {
        let reason: String
    }

    init(precision: String, text: String) {
        self.precision = precision
        self.text = text
    }

    init(_ contents: [UInt8]) throws(Damage) {
        guard let end = contents.firstIndex(of: UInt8(ascii: "\n")) else {
            throw Damage(reason: "its first line is missing")
        }
        let words = String(decoding: contents[..<end], as: UTF8.self).split(separator: " ")
        guard words.count == 6, words[0] == "long-convolution", words[1] == "wisdom" else {
            throw Damage(reason: "it does not begin like a file of wisdom")
        }
        guard words[2] == "\(Self.version)" else {
            throw Damage(reason: "expected version \(Self.version), found \(words[2])")
        }
        let body = contents[(end + 1)...]
        guard words[4] == "\(body.count)" else {
            throw Damage(reason: "expected \(words[4]) bytes, found \(body.count)")
        }
        guard words[5] == Self.checksum(body) else { throw Damage(reason: "its checksum does not fit") }
        precision = String(words[3])
        text = String(decoding: body, as: UTF8.self)
        guard WisdomText.isWellFormed(text) else { throw Damage(reason: "its text is none that FFTW writes") }
    }

    var contents: [UInt8] {
        let body = Array(text.utf8)
        return Array(
            "long-convolution wisdom \(Self.version) \(precision) \(body.count) \(Self.checksum(body[...]))\n"
                .utf8) + body
    }

    /// FNV-1a in 64 bits.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        return String(hash, radix: 16)
    }
}
