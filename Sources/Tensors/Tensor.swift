import Runtime

/// A dense array of `Float` scalars in row-major order: a value.
///
/// Copies share memory until one of them is changed. A tensor that was computed from the parameters given to
/// ``valueAndGradient(at:_:)->(_,_)`` remembers how (its `place`); every other tensor is a constant.
public struct Tensor: Sendable {
    /// The extent of each axis; empty for a scalar.
    public let shape: [Int]
    private var storage: Storage
    /// Where the tensor stands in the graph of differentiation; `nil` for a constant.
    let place: Place?

    private init(shape: [Int], storage: Storage, place: Place? = nil) {
        require(
            shape.reduce(1, *) == storage.count,
            "a tensor of shape \(shape) needs \(shape.reduce(1, *)) scalars, got \(storage.count)")
        self.shape = shape
        self.storage = storage
        self.place = place
    }

    /// A tensor whose scalars `initialize` writes, every one of them: the memory it gets holds anything.
    public init(shape: [Int], initializingWith initialize: (UnsafeMutableBufferPointer<Float>) throws -> Void)
        rethrows
    {
        require(shape.allSatisfy { $0 >= 0 }, "expected extents of at least 0, got \(shape)")
        let storage = Storage(count: shape.reduce(1, *))
        try initialize(storage.scalars)
        self.init(shape: shape, storage: storage)
    }

    /// Several tensors whose scalars `initialize` writes together, every one of them.
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
            "a tensor of shape \(shape) needs \(shape.reduce(1, *)) scalars, got \(scalars.count)")
        self.init(shape: shape) { _ = $0.initialize(from: scalars) }
    }

    /// A tensor that repeats one scalar.
    public init(shape: [Int], repeating scalar: Float) {
        self.init(shape: shape) { $0.initialize(repeating: scalar) }
    }

    /// A tensor with no axes.
    public init(_ scalar: Float) {
        self.init(shape: [], repeating: scalar)
    }
}

extension Tensor {
    /// The number of axes.
    public var rank: Int { shape.count }

    /// The number of scalars.
    public var count: Int { storage.count }

    /// The scalars in row-major order, copied.
    public var scalars: [Float] { withScalars(Array.init) }

    /// The scalar of a tensor that holds just one.
    public var scalar: Float {
        require(count == 1, "only a tensor with one scalar has a scalar; its shape is \(shape)")
        return storage.scalars[0]
    }

    /// Reads the scalars in place, in row-major order.
    public func withScalars<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result
    {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(storage.scalars))
    }

    /// Changes the scalars in place (of a copy, where other tensors share the memory). The result is a constant.
    public mutating func updateScalars<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        if !isKnownUniquelyReferenced(&storage) {
            let copy = Storage(count: count)
            _ = copy.scalars.initialize(from: storage.scalars)
            self = Tensor(shape: shape, storage: copy)
        } else if place != nil {
            self = Tensor(shape: shape, storage: storage)
        }
        defer { withExtendedLifetime(storage) {} }
        return try body(storage.scalars)
    }
}

// MARK: - Differentiation

extension Tensor {
    /// Whether a cotangent of this tensor is wanted.
    public var isRecorded: Bool { place != nil }

    /// The same scalars as a constant.
    public var detached: Tensor { Tensor(shape: shape, storage: storage) }

    /// The same scalars, at the given place in the graph.
    func placed(at place: Place) -> Tensor { Tensor(shape: shape, storage: storage, place: place) }

    /// The same scalars under another shape with as many of them, without a record: see `reshaped(to:)`.
    func withShape(_ shape: [Int]) -> Tensor { Tensor(shape: shape, storage: storage) }
}
