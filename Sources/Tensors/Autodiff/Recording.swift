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
    public func recorded(from operands: Tensor..., pullback: @escaping Pullback) -> Tensor {
        [self].recorded(from: operands) { cotangents in pullback(cotangents[0]!) }[0]
    }
}

extension [Tensor] {
    /// These results of one operation on `operands`, recorded with the operation's pullback.
    ///
    /// The pullback receives one cotangent for each result, `nil` for a result that the loss does not depend on (never
    /// for all of them), and returns one for each operand, as in ``Tensor/recorded(from:pullback:)``.
    public func recorded(
        from operands: [Tensor], pullback: @escaping @Sendable (_ cotangents: [Tensor?]) -> [Tensor?]
    ) -> [Tensor] {
        guard operands.contains(where: \.isRecorded) else { return self }
        let node = Node(parents: operands.map(\.source), resultShapes: map(\.shape), pullback: pullback)
        return enumerated().map { $1.recorded(as: NodeResult(node: node, index: $0)) }
    }
}
