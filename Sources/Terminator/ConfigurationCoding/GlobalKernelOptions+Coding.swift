extension GlobalKernelOptions: FieldValue, Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case window, smoothing, threshold, rates
    }

    /// Options from a document; what is missing has its default.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        self.init()
        try update(reading: field)
    }

    mutating func update(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        try record.update(.window, &window)
        try record.update(.smoothing, &smoothing)
        try record.update(.threshold, &threshold)
        try record.update(.rates, &rates)
    }

    /// Encodes every field.
    public func encode(to encoder: any Encoder) throws {
        var record = encoder.container(keyedBy: CodingKeys.self)
        try record.encode(window, forKey: .window)
        try record.encode(smoothing, forKey: .smoothing)
        try record.encode(threshold, forKey: .threshold)
        try record.encode(rates, forKey: .rates)
    }
}

extension KernelRates: FieldValue, Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case dynamics, scales, taps, decays, widths
    }

    /// Rates from a document; what is missing has its default.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        self.init()
        try update(reading: field)
    }

    mutating func update(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        try record.update(.dynamics, &dynamics)
        try record.update(.scales, &scales)
        try record.update(.taps, &taps)
        try record.update(.decays, &decays)
        try record.update(.widths, &widths)
    }

    /// Encodes every field.
    public func encode(to encoder: any Encoder) throws {
        var record = encoder.container(keyedBy: CodingKeys.self)
        try record.encode(dynamics, forKey: .dynamics)
        try record.encode(scales, forKey: .scales)
        try record.encode(taps, forKey: .taps)
        try record.encode(decays, forKey: .decays)
        try record.encode(widths, forKey: .widths)
    }
}

extension KernelWindow: FieldValue, Codable {
    private enum Name: String, CodingKey, CaseIterable {
        case published, none, exponential, gaussian
    }
    private enum ExponentialField: String, CodingKey, CaseIterable {
        case fast, slow, shift
    }
    private enum GaussianField: String, CodingKey, CaseIterable {
        case width
    }

    /// Reads `"none"`, `"gaussian"`, `{"gaussian": {"width": 0.5}}`, `{"exponential": {"fast": 0.3, "slow": 1.5, "shift": 0}}`
    /// and the like; a name alone, and fields that are missing, stand for the defaults.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        let choice = try ChoiceReader<Name>(field)
        switch choice.name {
        case .published: self = .published
        case .none: self = .none
        case .exponential:
            var decay = ExponentialDecay()
            if let record = try choice.record(of: ExponentialField.self) {
                try record.update(.fast, &decay.fast)
                try record.update(.slow, &decay.slow)
                try record.update(.shift, &decay.shift)
            }
            self = .exponential(decay)
        case .gaussian:
            var width = Self.defaultWidth
            try choice.record(of: GaussianField.self)?.update(.width, &width)
            self = .gaussian(width: width)
        }
    }

    /// Encodes a form that ``init(from:)`` decodes, with every field.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .published, .none:
            var name = encoder.singleValueContainer()
            try name.encode((self == .none ? Name.none : .published).rawValue)
        case .exponential(let decay):
            var choice = encoder.container(keyedBy: Name.self)
            var fields = choice.nestedContainer(keyedBy: ExponentialField.self, forKey: .exponential)
            try fields.encode(decay.fast, forKey: .fast)
            try fields.encode(decay.slow, forKey: .slow)
            try fields.encode(decay.shift, forKey: .shift)
        case .gaussian(let width):
            var choice = encoder.container(keyedBy: Name.self)
            var fields = choice.nestedContainer(keyedBy: GaussianField.self, forKey: .gaussian)
            try fields.encode(width, forKey: .width)
        }
    }
}
