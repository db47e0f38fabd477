/// Returns true if a process that ended wrote the message to standard error, which programming errors do in every
/// configuration.
public func says(_ message: String, _ standardError: [UInt8]?) -> Bool {
    String(decoding: standardError ?? [], as: UTF8.self).contains(message)
}
