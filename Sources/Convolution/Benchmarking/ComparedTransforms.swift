/// The kinds of transforms among which a plan chooses, for comparing them.
@_spi(Benchmarks)
public enum ComparedTransforms: String, CaseIterable, Encodable, Sendable {
    /// On FFTW's.
    case fftw
    /// The engine's own, with residue rows in vector lanes.
    case lanes

    /// Plans that are made within take this kind wherever there is one for their shape, whatever the environment says.
    public func whilePlanning<Result>(_ body: () throws -> Result) rethrows -> Result {
        let kind: TransformChoice.Kind = self == .fftw ? .fftw : .lanes
        return try TransformChoice.$forcedKind.withValue(kind, operation: body)
    }
}

extension LongConvolution {
    /// The kind of transforms that the plan chose; `nil` if it has none, or cuts rows into blocks.
    @_spi(Benchmarks)
    public var transforms: ComparedTransforms? {
        guard case .spectral(let transform) = plan.method else { return nil }
        return transform.isOnLanes ? .lanes : .fftw
    }
}

extension SpectralTransform {
    fileprivate var isOnLanes: Bool {
        switch self {
        case .residueLanes, .lanePlane: true
        case .rightAngle, .rowColumn: false
        case .kronecker(let transform): transform.line.isOnLanes
        }
    }
}
