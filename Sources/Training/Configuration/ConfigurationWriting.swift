import Foundation
import Runtime
import Terminator

extension NetworkConfiguration {
    /// The configuration as a JSON document, which reads back equal. The configuration must be valid.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        } catch {
            // Integers, finite numbers and names: what a valid configuration consists of can be written.
            fatalError("expected a configuration that can be written, got \(self): \(error)")
        }
    }

    /// Writes the configuration, which must be valid, to a file, as JSON. A file that was there before is replaced as
    /// a whole, or left as it was if something goes wrong.
    public func write(to path: String) throws(ConfigurationSourceError) {
        do throws(FileError) {
            try FileReplacement.write(Array(json.utf8), to: path)
        } catch {
            throw .init(source: path, reason: .inaccessible("\(error.reason)"))
        }
    }
}
