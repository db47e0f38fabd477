import Terminator
import Training

// A preset, a file of fields, single fields: each changes what came before.
var configuration = NetworkPreset.sMNIST.configuration
try configuration.update(setting: "blocks.2.dropout=0.1")
try configuration.update(setting: "globalInteraction=causalConvolution")
try configuration.validate()
print("in JSON it has", configuration.json.count, "characters")

// What is wrong is said by name, all of it.
do {
    try configuration.update(setting: "blocks.2.dropuot=0.1")
} catch {
    print(error)
}
configuration.blocks[1].skips = [2]
configuration.localKernelSizes[0] = 4
do {
    try configuration.validate()
} catch {
    for violation in error.violations { print(violation) }
}
