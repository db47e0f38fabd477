/// One of the transforms, by a case rather than by an existential, so that the compiler sees through it.
enum AnyTransform<Scalar: ConvolutionScalar>: SpectralTransform {
    case line(LineTransform<Scalar>)
    case plane(PlaneTransform<Scalar>)
    case flatPlane(FlatPlaneTransform<Scalar>)

    private var underlying: any SpectralTransform<Scalar> {
        switch self {
        case .line(let transform): transform
        case .plane(let transform): transform
        case .flatPlane(let transform): transform
        }
    }

    var spectrumCount: Int { underlying.spectrumCount }
    var workCount: Int { underlying.workCount }
    var scratchCount: Int { underlying.scratchCount }
    var blockCount: Int { underlying.blockCount }
    var blockLength: Int { underlying.blockLength }
    var transformedCount: Int { underlying.transformedCount }

    func taskCount(_ role: Role) -> Int { underlying.taskCount(role) }
    func prepare(_ target: UnsafeMutablePointer<Scalar>, _ role: Role) { underlying.prepare(target, role) }
    func closesInOrder(_ role: Role) -> Bool { underlying.closesInOrder(role) }

    func executeOpening(
        _ task: Int, _ role: Role, _ work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>
    ) {
        underlying.executeOpening(task, role, work, scratch: scratch)
    }

    func executeBlock(
        _ block: Int, _ work: UnsafeMutablePointer<Scalar>, into spectrum: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>
    ) {
        underlying.executeBlock(block, work, into: spectrum, scratch: scratch)
    }

    func open(
        _ task: Int, of source: UnsafePointer<Scalar>, _ role: Role, into work: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        switch self {
        case .line(let transform):
            transform.open(task, of: source, role, into: work, scratch: scratch, loops: loops)
        case .plane(let transform):
            transform.open(task, of: source, role, into: work, scratch: scratch, loops: loops)
        case .flatPlane(let transform):
            transform.open(task, of: source, role, into: work, scratch: scratch, loops: loops)
        }
    }

    func transform(
        _ block: Int, of work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into spectrum: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        switch self {
        case .line(let transform):
            transform.transform(block, of: work, role, into: spectrum, scratch: scratch, loops: loops)
        case .plane(let transform):
            transform.transform(block, of: work, role, into: spectrum, scratch: scratch, loops: loops)
        case .flatPlane(let transform):
            transform.transform(block, of: work, role, into: spectrum, scratch: scratch, loops: loops)
        }
    }

    func untransform(
        _ block: Int, from spectrum: UnsafeMutablePointer<Scalar>, _ role: Role,
        into work: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        switch self {
        case .line(let transform):
            transform.untransform(block, from: spectrum, role, into: work, scratch: scratch, loops: loops)
        case .plane(let transform):
            transform.untransform(block, from: spectrum, role, into: work, scratch: scratch, loops: loops)
        case .flatPlane(let transform):
            transform.untransform(block, from: spectrum, role, into: work, scratch: scratch, loops: loops)
        }
    }

    func close(
        _ task: Int, _ work: UnsafeMutablePointer<Scalar>, _ role: Role,
        into target: UnsafeMutablePointer<Scalar>,
        scratch: UnsafeMutablePointer<Scalar>, loops: Loops
    ) {
        switch self {
        case .line(let transform):
            transform.close(task, work, role, into: target, scratch: scratch, loops: loops)
        case .plane(let transform):
            transform.close(task, work, role, into: target, scratch: scratch, loops: loops)
        case .flatPlane(let transform):
            transform.close(task, work, role, into: target, scratch: scratch, loops: loops)
        }
    }
}
