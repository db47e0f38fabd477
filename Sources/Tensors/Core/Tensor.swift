import Runtime

/// A dense array of `Float` scalars in row-major order, with value semantics.
///
/// Copies share memory until one of them is mutated. A tensor computed from the parameters that
/// ``valueAndGradient(at:_:)->(_,_)`` passes to its closure is recorded: it refers to the node of the differentiation
/// graph that produced it. Every other tensor is a constant.
public struct Tensor: Sendable {
    /// The extent of each axis; empty for a scalar.
    public let shape: [Int]
    private var storage: Storage
    /// The result of a graph node that this tensor is; `nil` for a constant.
    let source: NodeResult?
    /// Where the first axis is a batch that is distributed over processes: the part of it that this tensor has.
    public let partition: BatchPartition?

    private init(
        shape: [Int], storage: Storage, source: NodeResult? = nil, partition: BatchPartition? = nil
    ) {
        require(
            shape.reduce(1, *) == storage.count,
            "expected \(shape.reduce(1, *)) scalars for the shape \(shape), got \(storage.count)")
        require(
            partition == nil || shape.first == partition!.samples.count,
            "expected \(partition?.samples.count ?? 0) samples of a distributed batch, got the shape \(shape)"
        )
        self.shape = shape
        self.storage = storage
        self.source = source
        self.partition = partition
    }

    /// A tensor whose scalars `initialize` writes, every one of them: it receives uninitialized memory.
    public init(shape: [Int], initializingWith initialize: (UnsafeMutableBufferPointer<Float>) throws -> Void)
        rethrows
    {
        require(shape.allSatisfy { $0 >= 0 }, "expected extents of at least 0, got \(shape)")
        let storage = Storage(count: shape.reduce(1, *))
        try initialize(storage.scalars)
        self.init(shape: shape, storage: storage)
    }

    /// Several tensors whose scalars one closure writes, every one of them.
    static func tensors(
        shapes: [[Int]], initializingWith initialize: ([UnsafeMutableBufferPointer<Float>]) throws -> Void
    ) rethrows -> [Tensor] {
        let storages = shapes.map { Storage(count: $0.reduce(1, *)) }
        try initialize(storages.map(\.scalars))
        return zip(shapes, storages).map { Tensor(shape: $0, storage: $1) }
    }

    /// Reads the scalars of several tensors in place.
    static func withScalars<Result>(
        of tensors: [Tensor], _ body: ([UnsafeBufferPointer<Float>]) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(tensors) {
            try body(tensors.map { UnsafeBufferPointer($0.storage.scalars) })
        }
    }

    /// A tensor of the given scalars, in row-major order.
    public init(shape: [Int], scalars: [Float]) {
        require(
            shape.reduce(1, *) == scalars.count,
            "expected \(shape.reduce(1, *)) scalars for the shape \(shape), got \(scalars.count)")
        self.init(shape: shape) { _ = $0.initialize(from: scalars) }
    }

    /// A tensor that repeats one scalar.
    public init(shape: [Int], repeating scalar: Float) {
        self.init(shape: shape) { $0.initialize(repeating: scalar) }
    }

    /// A tensor of rank 0.
    public init(_ scalar: Float) {
        self.init(shape: [], repeating: scalar)
    }
}

extension Tensor {
    /// The number of axes.
    public var rank: Int { shape.count }

    /// The number of scalars.
    public var count: Int { storage.count }

    /// A copy of the scalars, in row-major order.
    public var scalars: [Float] { withScalars(Array.init) }

    /// The only scalar of a tensor of one scalar.
    public var scalar: Float {
        require(count == 1, "expected a tensor of one scalar, got the shape \(shape)")
        return storage.scalars[0]
    }

    /// Reads the scalars in place, in row-major order.
    public func withScalars<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(storage.scalars))
    }

    /// Mutates the scalars in place; those of a copy if other tensors share the memory. The result is a constant.
    public mutating func updateScalars<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        if !isKnownUniquelyReferenced(&storage) {
            let copy = Storage(count: count)
            _ = copy.scalars.initialize(from: storage.scalars)
            self = Tensor(shape: shape, storage: copy, partition: partition)
        } else if source != nil {
            self = Tensor(shape: shape, storage: storage, partition: partition)
        }
        defer { withExtendedLifetime(storage) {} }
        return try body(storage.scalars)
    }
}

// MARK: - Differentiation

extension Tensor {
    /// Whether this tensor is recorded, so that a pullback must compute its cotangent.
    public var isRecorded: Bool { source != nil }

    /// The same scalars as a constant.
    public var detached: Tensor { distributed(in: partition) }

    /// The same scalars as the given result of a graph node.
    func recorded(as source: NodeResult) -> Tensor {
        Tensor(shape: shape, storage: storage, source: source, partition: partition)
    }

    /// The same scalars in another shape with as many of them, as a constant; see `reshaped(to:)`.
    func withShape(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape, storage: storage, partition: partition)
    }

    /// The same scalars as a constant whose first axis is this process's part of a distributed batch; with `nil`, as any
    /// axis.
    public func distributed(in partition: BatchPartition?) -> Tensor {
        Tensor(shape: shape, storage: storage, partition: partition)
    }
}
