import CZlib
import Foundation
import Runtime
import Tensors
import Terminator

/// All on which the bits of a training depend: equal in all processes of one that is distributed.
public struct TrainingAgreement: Codable, Equatable, Sendable {
    /// The checksum of the program's file.
    public let program: String
    /// The instruction set of the vector loops.
    public let instructionSet: String
    /// The settings, of which the seed, the data and the network's configuration are a part.
    public let settings: TrainingSettings
    /// The step after which the training begins, or goes on.
    public let step: Int
    /// The checksum of the parameters, the running statistics and the optimizer's state.
    public let state: String
    /// The state of the generator of random numbers.
    public let randomNumbers: RandomNumbers

    /// What this process begins with.
    public init(_ trainer: Trainer<Network, Kar>, settings: TrainingSettings, instructionSet: String) {
        program = Self.checksum(ofFile: Bundle.main.executablePath ?? CommandLine.arguments[0])
        self.instructionSet = instructionSet
        self.settings = settings
        step = trainer.stepCount
        state = trainer.checksum
        randomNumbers = trainer.randomNumbers
    }

    /// Throws if a process begins with something else than the first, on all processes.
    public func check(over processes: any Communicator) throws(TrainingDisagreementError) {
        let texts = processes.gather(Array(canonicalJSON(self).utf8))
        let agreements = texts.map { text in
            do {
                return try JSONDecoder().decode(Self.self, from: Data(text))
            } catch {
                fatalError("expected the JSON of an agreement: \(error)")
            }
        }
        for (process, other) in agreements.enumerated().dropFirst() {
            if let difference = agreements[0].difference(from: other) {
                throw TrainingDisagreementError(process: process, difference: difference)
            }
        }
    }

    /// The first thing in which `other` differs.
    private func difference(from other: TrainingAgreement) -> FieldDifference? {
        func compared(_ name: String, _ value: KeyPath<TrainingAgreement, String>) -> FieldDifference? {
            let (own, others) = (self[keyPath: value], other[keyPath: value])
            return own == others ? nil : FieldDifference(field: name, own: own, others: others)
        }
        return compared("the checksum of the program", \.program)
            ?? compared("the instruction set", \.instructionSet)
            ?? settings.difference(from: other.settings)
            ?? compared("the step", \.stepText)
            ?? compared("the checksum of network and optimizer", \.state)
            ?? compared("the random numbers", \.randomNumbersText)
    }

    private var stepText: String { "\(step)" }
    private var randomNumbersText: String { canonicalJSON(randomNumbers) }

    private static func checksum(ofFile path: String) -> String {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            return "unreadable"
        }
        return bytes.withUnsafeBytes { hexadecimal(checksum(of: $0)) }
    }

    fileprivate static func checksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt = 0) -> UInt {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return checksum }
        return UInt(crc32_z(checksum, start, bytes.count))
    }

    fileprivate static func hexadecimal(_ checksum: UInt) -> String { String(checksum, radix: 16) }
}

extension Trainer where Model == Network {
    /// The CRC-32 of all parameters, running statistics and the optimizer's state, in hexadecimal.
    public var checksum: String {
        var checksum: UInt = 0
        func add(_ tensor: Tensor) {
            checksum = tensor.withScalars {
                TrainingAgreement.checksum(of: UnsafeRawBufferPointer($0), after: checksum)
            }
        }
        for (_, tensor) in model.parameters { add(tensor) }
        for (_, value) in model.statistics.values.sorted(by: { $0.key < $1.key }) { add(value) }
        var optimizer = optimizer
        optimizer.prepare(for: model)
        optimizer.forEachState { add($1) }
        return TrainingAgreement.hexadecimal(checksum)
    }

    /// Ends the computation if the processes of a training that is distributed have different networks: an error of this
    /// package or of a machine.
    public func expectAgreement(over processes: any Communicator) {
        let checksums = processes.gather(Array(checksum.utf8)).map { String(decoding: $0, as: UTF8.self) }
        guard let process = checksums.firstIndex(where: { $0 != checksums[0] }) else { return }
        processes.abort(
            "expected equal networks after step \(stepCount), found the checksum \(checksums[0]) in process 0 and "
                + "\(checksums[process]) in process \(process)")
    }
}

/// A process of a distributed training begins with something else than the first process.
public struct TrainingDisagreementError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of the process.
    public let process: Int
    /// The first field that differs.
    public let difference: FieldDifference

    /// One line: the process, the field and both values.
    public var description: String {
        "process \(process) differs from process 0 in \(difference)"
    }
}
