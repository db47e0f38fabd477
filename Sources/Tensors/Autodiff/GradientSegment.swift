import Runtime

extension Module {
    /// The results of a part of a computation: a function of this module and operands whose gradient is taken as a whole.
    ///
    /// With `recomputes` the graph keeps the operands alone: the function is computed once more when its gradient is taken, and
    /// what that needs is released before the gradient of anything before it is taken. Memory is then that of one segment at a
    /// time, for the time of a forward pass more (T. Chen et al., *Training deep nets with sublinear memory cost*, arXiv
    /// 1604.06174).
    ///
    /// Either way the gradient has the same bits. Sums of cotangents depend on their order: within a segment that is the order of
    /// its own graph, and each operand gets one cotangent from the whole segment, not one from each operation that uses it.
    ///
    /// - Parameters:
    ///   - operands: tensors other than the module's parameters.
    ///   - recomputes: whether the graph keeps the operands alone.
    ///   - body: the results, and anything else that is returned from here, which must not be recorded. It must compute the same
    ///     each time.
    public func segment<Detail>(
        _ operands: [Tensor], recomputes: Bool,
        _ body:
            @escaping @Sendable (_ module: Self, _ operands: [Tensor]) -> (results: [Tensor], detail: Detail)
    ) -> (results: [Tensor], detail: Detail) {
        // Operands and results are distributed over processes as they are: parameters and kernels are not.
        let inputs = SegmentInputs(module: self, operands: operands)
        guard recomputes else {
            let passed = inputs.tensors.recorded(from: inputs.tensors, keepsBatch: false) { $0 }
            let (results, detail) = inputs.replaced(by: passed).apply(body)
            return (results.recorded(from: results, keepsBatch: false) { $0 }, detail)
        }
        let (results, detail) = inputs.replaced(by: inputs.tensors.map(\.detached)).apply(body)
        let constants = inputs.replaced(by: inputs.tensors.map(\.detached))
        let isRecorded = inputs.tensors.map(\.isRecorded)
        return (
            results.recorded(from: inputs.tensors, keepsBatch: false) { cotangents in
                let leaf = Node(shapes: constants.tensors.map(\.shape))
                var root = constants.end(recordedFrom: leaf, isRecorded, body)
                return cotangentsOfLeaves(from: &root, cotangents)[ObjectIdentifier(leaf)]
                    ?? isRecorded.map { _ in nil }
            }, detail
        )
    }
}

/// What a segment depends on: operands and parameters.
private struct SegmentInputs<M: Module>: Sendable {
    let module: M
    let operands: [Tensor]

    /// The operands, then the parameters in the module's order.
    var tensors: [Tensor] { operands + module.parameters.map(\.tensor) }

    /// The same with other tensors in the places of those that are recorded.
    func replaced(by tensors: [Tensor]) -> SegmentInputs {
        var (replaced, place) = (module, operands.count)
        replaced.forEachParameter { _, parameter in
            if parameter.isRecorded { parameter = tensors[place] }
            place += 1
        }
        return SegmentInputs(
            module: replaced, operands: zip(operands, tensors).map { $0.isRecorded ? $1 : $0 })
    }

    func apply<Result>(_ body: (M, [Tensor]) -> Result) -> Result { body(module, operands) }

    /// The node that all results of the function belong to, computed from constants that are recorded as results of `leaf` where
    /// `isRecorded` says so.
    func end<Detail>(
        recordedFrom leaf: Node, _ isRecorded: [Bool],
        _ body: (M, [Tensor]) -> (results: [Tensor], detail: Detail)
    ) -> Node? {
        var place = 0
        func recorded(_ tensor: Tensor) -> Tensor {
            defer { place += 1 }
            return isRecorded[place] ? tensor.recorded(as: NodeResult(node: leaf, index: place)) : tensor
        }
        let operands = operands.map(recorded)
        var module = module
        module.forEachParameter { $1 = recorded($1) }
        let results = body(module, operands).results
        return results.recorded(from: results, keepsBatch: false) { $0 }.lazy.compactMap { $0.source?.node }
            .first
    }
}
