// The coding of configurations: records keyed by the properties' names. Missing fields take their defaults, or keep
// their values in an update; unknown fields are rejected.

extension NetworkConfiguration: FieldValue, Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case extents, inputChannels, classCount, blocks
        case globalHidden, localSlowNet, localKernelSizes, channelSlowNet
        case interactionChannelSlowNet, interactionSpatialSlowNet, standardizationGroups
        case globalInteraction, globalSlowNet, globalKernel, frequencies, renormalization, localContext,
            evaluationStatistics, statistics, gateOrder
        case keepsCanceledBiases, spatialBias, checkpointing, readout
    }

    /// A configuration from a document with at least `extents`, `inputChannels`, `classCount` and `blocks`; what else
    /// is missing has its default. It is not validated.
    ///
    /// - Throws: ``ConfigurationError`` for a field that is unknown, missing or of another type.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    /// A configuration from a parsed document; see ``init(from:)``.
    ///
    /// - Throws: ``ConfigurationError``.
    public init(reading document: ConfigurationDocument) throws(ConfigurationError) {
        self = try namingFields { try Self(reading: DocumentField(document)) }
    }

    init(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        self.init(
            extents: try record.required(.extents), inputChannels: try record.required(.inputChannels),
            classCount: try record.required(.classCount), blocks: try record.required(.blocks))
        try update(from: record)
    }

    /// Updates the fields that a document has; the others stay. The result is not validated.
    ///
    /// Where a list stands, a record with indices for names changes the elements at these indices:
    /// `{"blocks": {"2": {"dropout": 0.1}}}`.
    ///
    /// - Throws: ``ConfigurationError`` for a field that is unknown or of another type, or an index out of range.
    public mutating func update(reading document: ConfigurationDocument) throws(ConfigurationError) {
        let before = self
        self = try namingFields {
            var updated = before
            try updated.update(reading: DocumentField(document))
            return updated
        }
    }

    mutating func update(reading field: DocumentField) throws { try update(from: RecordReader(field)) }

    private mutating func update(from record: RecordReader<CodingKeys>) throws {
        try record.update(.extents, &extents)
        try record.update(.inputChannels, &inputChannels)
        try record.update(.classCount, &classCount)
        try record.update(.blocks, &blocks)
        try record.update(.globalHidden, &globalHidden)
        try record.update(.localSlowNet, &localSlowNet)
        try record.update(.localKernelSizes, &localKernelSizes)
        try record.update(.channelSlowNet, &channelSlowNet)
        try record.update(.interactionChannelSlowNet, &interactionChannelSlowNet)
        try record.update(.interactionSpatialSlowNet, &interactionSpatialSlowNet)
        try record.update(.standardizationGroups, &standardizationGroups)
        try record.update(.globalInteraction, &globalInteraction)
        try record.update(.globalSlowNet, &globalSlowNet)
        try record.update(.globalKernel, &globalKernel)
        try record.update(.frequencies, &frequencies)
        try record.update(.renormalization, &renormalization)
        try record.update(.localContext, &localContext)
        try record.update(.evaluationStatistics, &evaluationStatistics)
        try record.update(.statistics, &statistics)
        try record.update(.gateOrder, &gateOrder)
        try record.update(.keepsCanceledBiases, &keepsCanceledBiases)
        try record.update(.spatialBias, &spatialBias)
        try record.update(.checkpointing, &checkpointing)
        try record.update(.readout, &readout)
    }

    /// Encodes every field.
    public func encode(to encoder: any Encoder) throws {
        var record = encoder.container(keyedBy: CodingKeys.self)
        try record.encode(extents, forKey: .extents)
        try record.encode(inputChannels, forKey: .inputChannels)
        try record.encode(classCount, forKey: .classCount)
        try record.encode(blocks, forKey: .blocks)
        try record.encode(globalHidden, forKey: .globalHidden)
        try record.encode(localSlowNet, forKey: .localSlowNet)
        try record.encode(localKernelSizes, forKey: .localKernelSizes)
        try record.encode(channelSlowNet, forKey: .channelSlowNet)
        try record.encode(interactionChannelSlowNet, forKey: .interactionChannelSlowNet)
        try record.encode(interactionSpatialSlowNet, forKey: .interactionSpatialSlowNet)
        try record.encode(standardizationGroups, forKey: .standardizationGroups)
        try record.encode(globalInteraction, forKey: .globalInteraction)
        try record.encode(globalSlowNet, forKey: .globalSlowNet)
        try record.encode(globalKernel, forKey: .globalKernel)
        try record.encode(frequencies, forKey: .frequencies)
        try record.encode(renormalization, forKey: .renormalization)
        try record.encode(localContext, forKey: .localContext)
        try record.encode(evaluationStatistics, forKey: .evaluationStatistics)
        try record.encode(statistics, forKey: .statistics)
        try record.encode(gateOrder, forKey: .gateOrder)
        try record.encode(keepsCanceledBiases, forKey: .keepsCanceledBiases)
        try record.encode(spatialBias, forKey: .spatialBias)
        try record.encode(checkpointing, forKey: .checkpointing)
        try record.encode(readout, forKey: .readout)
    }
}

/// The result of `body`, which reads fields of a document.
private func namingFields<Value>(_ body: () throws -> Value) throws(ConfigurationError) -> Value {
    do {
        return try body()
    } catch let error as ConfigurationError {
        throw error
    } catch {
        fatalError("expected errors that name fields, got \(error)")
    }
}

extension BlockConfiguration: FieldValue, Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case channels, expansion, globalLayers, skips, dropout
    }

    /// A block from a document with at least `channels` and `expansion`.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        self.init(channels: try record.required(.channels), expansion: try record.required(.expansion))
        try update(from: record)
    }

    mutating func update(reading field: DocumentField) throws { try update(from: RecordReader(field)) }

    private mutating func update(from record: RecordReader<CodingKeys>) throws {
        try record.update(.channels, &channels)
        try record.update(.expansion, &expansion)
        try record.update(.globalLayers, &globalLayers)
        try record.update(.skips, &skips)
        try record.update(.dropout, &dropout)
    }

    /// Encodes every field.
    public func encode(to encoder: any Encoder) throws {
        var record = encoder.container(keyedBy: CodingKeys.self)
        try record.encode(channels, forKey: .channels)
        try record.encode(expansion, forKey: .expansion)
        try record.encode(globalLayers, forKey: .globalLayers)
        try record.encode(skips, forKey: .skips)
        try record.encode(dropout, forKey: .dropout)
    }
}

extension SlowNetSize: FieldValue, Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case hidden, layers
    }

    /// A size from a document with both numbers.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        self.init(hidden: try record.required(.hidden), layers: try record.required(.layers))
    }

    mutating func update(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        try record.update(.hidden, &hidden)
        try record.update(.layers, &layers)
    }

    /// Encodes every field.
    public func encode(to encoder: any Encoder) throws {
        var record = encoder.container(keyedBy: CodingKeys.self)
        try record.encode(hidden, forKey: .hidden)
        try record.encode(layers, forKey: .layers)
    }
}

extension RenormalizationConfiguration: FieldValue, Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case alpha, beta, isTrained
    }

    /// The constants from a document with all three fields.
    public init(from decoder: any Decoder) throws { try self.init(reading: DocumentField(decoder)) }

    init(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        self.init(
            alpha: try record.required(.alpha), beta: try record.required(.beta),
            isTrained: try record.required(.isTrained))
    }

    mutating func update(reading field: DocumentField) throws {
        let record = try RecordReader<CodingKeys>(field)
        try record.update(.alpha, &alpha)
        try record.update(.beta, &beta)
        try record.update(.isTrained, &isTrained)
    }

    /// Encodes every field.
    public func encode(to encoder: any Encoder) throws {
        var record = encoder.container(keyedBy: CodingKeys.self)
        try record.encode(alpha, forKey: .alpha)
        try record.encode(beta, forKey: .beta)
        try record.encode(isTrained, forKey: .isTrained)
    }
}
