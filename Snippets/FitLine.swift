import Tensors

// A model is a value that names its parameters.
struct Line: Module {
    var slope = Tensor(0)
    var offset = Tensor(0)

    mutating func forEachParameter(_ body: (String, inout Tensor) throws -> Void) rethrows {
        try body("slope", &slope)
        try body("offset", &offset)
    }
}

let x = Tensor(shape: [5], scalars: [-2, -1, 0, 1, 2])
let y = x * 0.5 + 3

var model = Line()
var optimizer = Adam()
for _ in 1...1000 {
    let (_, gradient) = valueAndGradient(at: model) { model in
        (model.slope * x + model.offset - y).squared().mean()
    }
    optimizer.update(&model, along: gradient, rate: 0.05)
}

let errors = [model.slope.scalar - 0.5, model.offset.scalar - 3]
print("found to a thousandth:", errors.allSatisfy { abs($0) < 0.001 })
