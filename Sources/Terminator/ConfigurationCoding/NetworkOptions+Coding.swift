// The coding of options: those without fields as their names, the others as a record from the name to the fields,
// `{"running": {"momentum": 0.1}}`.

extension SlowNetKind: FieldValue, Codable {}
extension LocalContext: FieldValue, Codable {}
extension SequenceStatistics: FieldValue, Codable {}
extension GateOrder: FieldValue, Codable {}
extension SpatialBias: FieldValue, Codable {}
extension Checkpointing: FieldValue, Codable {}
extension Readout: FieldValue, Codable {}
extension GlobalInteraction: FieldValue, Codable {}

extension GlobalInteraction: RawRepresentable, CaseIterable {
    /// Every interaction.
    public static let allCases: [GlobalInteraction] = [
        .convolution(.centred), .convolution(.causal), .matrixProduct,
    ]

    /// The name in documents: `centredConvolution`, `causalConvolution` or `matrixProduct`.
    public var rawValue: String {
        switch self {
        case .convolution(let alignment): "\(alignment.rawValue)Convolution"
        case .matrixProduct: "matrixProduct"
        }
    }

    /// The interaction of that name.
    public init?(rawValue: String) {
        guard let interaction = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = interaction
    }
}

extension EvaluationStatistics: FieldValue, Codable {
    private enum Name: String, CodingKey, CaseIterable {
        case batch, running
    }
    private enum Field: String, CodingKey, CaseIterable {
        case momentum
    }

    /// Reads `"batch"` or `{"running": {"momentum": 0.1}}`.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        let choice = try ChoiceReader<Name>(field)
        switch choice.name {
        case .batch: self = .batch
        case .running: self = .running(momentum: try choice.field(Field.momentum))
        }
    }

    /// Encodes the form that ``init(from:)`` decodes.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .batch:
            var name = encoder.singleValueContainer()
            try name.encode(Name.batch.rawValue)
        case .running(let momentum):
            var choice = encoder.container(keyedBy: Name.self)
            var fields = choice.nestedContainer(keyedBy: Field.self, forKey: .running)
            try fields.encode(momentum, forKey: .momentum)
        }
    }
}

extension FrequencyDistribution: FieldValue, Codable {
    private enum Name: String, CodingKey, CaseIterable {
        case gamma, belowNyquist
    }
    private enum GammaField: String, CodingKey, CaseIterable {
        case omega
    }
    private enum BelowNyquistField: String, CodingKey, CaseIterable {
        case fraction
    }

    /// Reads `{"gamma": {"omega": 2000}}` or `{"belowNyquist": {"fraction": 1}}`.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        let choice = try ChoiceReader<Name>(field)
        switch choice.name {
        case .gamma: self = .gamma(omega: try choice.field(GammaField.omega))
        case .belowNyquist: self = .belowNyquist(fraction: try choice.field(BelowNyquistField.fraction))
        }
    }

    /// Encodes the form that ``init(from:)`` decodes.
    public func encode(to encoder: any Encoder) throws {
        var choice = encoder.container(keyedBy: Name.self)
        switch self {
        case .gamma(let omega):
            var fields = choice.nestedContainer(keyedBy: GammaField.self, forKey: .gamma)
            try fields.encode(omega, forKey: .omega)
        case .belowNyquist(let fraction):
            var fields = choice.nestedContainer(keyedBy: BelowNyquistField.self, forKey: .belowNyquist)
            try fields.encode(fraction, forKey: .fraction)
        }
    }
}
