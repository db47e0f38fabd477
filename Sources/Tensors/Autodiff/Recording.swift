/// The reverse-mode derivative of an operation: from the cotangent of its result to those of its operands, `nil` for
/// operands that are not recorded.
///
/// A cotangent that is constant along an axis may have extent 1 there.
public typealias Pullback = @Sendable (_ cotangent: Tensor) -> [Tensor?]

extension Tensor {
    /// This result of an operation on `operands`, recorded with the operation's pullback.
    ///
    /// Nothing is recorded if every operand is a constant. The pullback returns one cotangent for each operand, of that
    /// operand's shape or with extent 1 along axes on which it is constant, and should return `nil` for an operand
    /// whose ``isRecorded`` is false.
    ///
    /// A result with the first axis of an operand whose batch is distributed has its partition, unless `keepsBatch` is
    /// false, and the pullback gets a cotangent with that partition.
    public func recorded(
        from operands: Tensor..., keepsBatch: Bool = true, pullback: @escaping Pullback
    ) -> Tensor {
        [self].recorded(from: operands, keepsBatch: keepsBatch) { cotangents in pullback(cotangents[0]!) }[0]
    }
}

extension [Tensor] {
    /// These results of one operation on `operands`, recorded with the operation's pullback.
    ///
    /// The pullback receives one cotangent for each result, `nil` for a result that the loss does not depend on (never
    /// for all of them), and returns one for each operand, as in ``Tensor/recorded(from:keepsBatch:pullback:)``.
    public func recorded(
        from operands: [Tensor], keepsBatch: Bool = true,
        pullback: @escaping @Sendable (_ cotangents: [Tensor?]) -> [Tensor?]
    ) -> [Tensor] {
        let partition = keepsBatch ? operands.lazy.compactMap(\.partition).first : nil
        let results = partition == nil ? self : map { $0.distributed(in: $0.rank > 0 ? partition : nil) }
        guard operands.contains(where: \.isRecorded) else { return results }
        let partitions = results.map(\.partition)
        let node = Node(
            parents: operands.map(\.source), resultShapes: map(\.shape),
            resultPartitions: partitions.contains { $0 != nil } ? partitions : [], pullback: pullback)
        return results.enumerated().map { $1.recorded(as: NodeResult(node: node, index: $0)) }
    }
}
