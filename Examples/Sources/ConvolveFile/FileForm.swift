import SignalFiles

/// A WAV file, or samples without a header.
enum FileForm: Sendable {
    case wave
    case raw(SampleFormat)

    /// The form that a name stands for.
    init(path: String) {
        let endings: [String: SampleFormat] = [
            "s16": .int16, "s24": .int24, "s32": .int32, "f32": .float32, "f64": .float64,
        ]
        let ending = path.split(separator: "/").last?.split(separator: ".").last.map { $0.lowercased() } ?? ""
        self = endings[ending].map(FileForm.raw) ?? .wave
    }

    func container(channels: Int, rate: Int?) -> SignalContainer {
        switch self {
        case .wave: .wave
        case .raw(let format): .raw(SignalDescription(format: format, channels: channels, sampleRate: rate))
        }
    }
}
