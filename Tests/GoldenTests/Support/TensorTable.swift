import Tensors

/// Named tensors as a module, so that a loss can be differentiated with respect to each.
struct TensorTable: Module {
    private var names: [String]
    private var tensors: [String: Tensor]

    init(_ tensors: [String: Tensor]) {
        names = tensors.keys.sorted()
        self.tensors = tensors
    }

    subscript(name: String) -> Tensor {
        guard let tensor = tensors[name] else { preconditionFailure("no tensor is named '\(name)'") }
        return tensor
    }

    /// `module` with its parameters replaced by the tensors under their names behind `prefix`, all of which must find
    /// a place.
    func filled<M: Module>(_ module: M, prefix: String = "weight/") throws -> M {
        var filled = module
        var missing = Set(names.filter { $0.hasPrefix(prefix) })
        try filled.forEachParameter { name, parameter in
            guard let tensor = tensors[prefix + name] else {
                throw GoldenError("no tensor is named '\(prefix + name)'")
            }
            guard tensor.shape == parameter.shape else {
                throw GoldenError("'\(name)' has the shape \(tensor.shape), expected \(parameter.shape)")
            }
            parameter = tensor
            missing.remove(prefix + name)
        }
        guard missing.isEmpty else { throw GoldenError("no parameters are named \(missing.sorted())") }
        return filled
    }

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        for name in names { try body(name, &tensors[name]!) }
    }
}

extension GoldenCase {
    /// Computes the case's outputs from its inputs and weights, and compares them and the gradients of
    /// Σ ⟨output, upstream⟩.
    ///
    /// `function` receives the inputs (`input/...`) and weights (`weight/...`), recorded, and answers outputs and
    /// traces by `output/...` and `trace/...`.
    mutating func check(_ function: (TensorTable) throws -> [String: Tensor]) throws {
        let given = tensors.filter { $0.key.hasPrefix("input/") || $0.key.hasPrefix("weight/") }
        let upstream = all("upstream")
        let (_, gradient, results) = try valueAndGradient(at: TensorTable(given)) { table in
            let results = try function(table)
            var sum = Tensor(0)
            for (name, cotangent) in upstream.sorted(by: { $0.key < $1.key }) {
                guard let output = results["output/\(name)"] else { throw GoldenError("no output '\(name)'") }
                sum = sum + (output.reshaped(to: cotangent.shape) * cotangent).sum()
            }
            return (sum, results.mapValues(\.detached))
        }
        for (key, result) in results { comparison.compare(result, with: key) }
        for name in all("gradient").keys {
            let key = given["weight/\(name)"] != nil ? "weight/\(name)" : "input/\(name)"
            comparison.compare(gradient[key], with: "gradient/\(name)")
        }
        comparison.finish()
    }
}
