import Convolution

let convolution = try LongConvolution<Float>(length: 4, kernelLength: 4, boundary: .causal)
print(try convolution([1, 0, 0, 2], [4, 3, 2, 1]))
