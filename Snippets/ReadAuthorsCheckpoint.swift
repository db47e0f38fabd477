import Foundation
import Tensors
import Terminator

// The authors' network for CIFAR-10; its parameters are random until a checkpoint is read.
var randomNumbers = RandomNumbers(seed: 1)
var network = Network(.authorsCIFAR(), using: &randomNumbers)
print("parameters:", network.parameterCount, "of them in slow nets:", network.slowParameterCount)

// Out to the authors' names, as the training module around their network holds them, and in again.
let folder = FileManager.default.temporaryDirectory
let file = folder.appendingPathComponent("theirs-\(UUID()).safetensors").path
try network.saveAuthorsParameters(to: file, prefix: "network.")
try network.loadAuthorsParameters(from: file)
let names = try Safetensors(contentsOf: file).names
print("one of \(names.count) tensors:", names[0])

// Only what their code computes in the same way can be written for it.
network = Network(.digits(form: .image), using: &randomNumbers)
do {
    try network.saveAuthorsParameters(to: file)
} catch {
    print("refused:", "\(error)".contains("keepsCanceledBiases: expected true, found false"))
}
try FileManager.default.removeItem(atPath: file)
