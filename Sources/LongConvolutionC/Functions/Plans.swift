// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import CLongConvolution

// Plans and what is computed with them. The header says what each function does; the compiler checks each against it.

@c @implementation
public func longconv_plan_create(
    _ descriptor: UnsafePointer<longconv_descriptor>?, _ plan: UnsafeMutablePointer<OpaquePointer?>?
) -> longconv_status {
    status { () throws(Refusal) in
        let destination = try destination(plan, "plan")
        destination.pointee = nil
        destination.pointee = HandleTable.insert(try makePlan(descriptor))
    }
}

@c @implementation
public func longconv_plan_destroy(_ plan: OpaquePointer?) -> longconv_status {
    status { () throws(Refusal) in try HandleTable.remove(plan, as: (any AnyPlan).self, "plan") }
}

@c @implementation
public func longconv_plan_output_extents(
    _ plan: OpaquePointer?, _ extents: UnsafeMutablePointer<Int64>?
) -> longconv_status {
    status { () throws(Refusal) in
        let found = try HandleTable.plan(plan).outputExtents
        let destination = try destination(extents, "extents")
        destination[0] = Int64(found[0])
        destination[1] = found.count == 2 ? Int64(found[1]) : 1
    }
}

@c @implementation
public func longconv_apply(
    _ plan: OpaquePointer?, _ operands: UnsafePointer<longconv_operands>?
) -> longconv_status {
    status { () throws(Refusal) in try HandleTable.plan(plan).apply(operands) }
}

@c @implementation
public func longconv_gradients(
    _ plan: OpaquePointer?, _ operands: UnsafePointer<longconv_operands>?
) -> longconv_status {
    status { () throws(Refusal) in try HandleTable.plan(plan).gradients(operands) }
}

// MARK: - Held kernel spectra

@c @implementation
public func longconv_spectrum_create(
    _ plan: OpaquePointer?, _ operands: UnsafePointer<longconv_operands>?,
    _ spectrum: UnsafeMutablePointer<OpaquePointer?>?
) -> longconv_status {
    status { () throws(Refusal) in
        let destination = try destination(spectrum, "spectrum")
        destination.pointee = nil
        destination.pointee = HandleTable.insert(try HandleTable.plan(plan).spectrum(operands))
    }
}

@c @implementation
public func longconv_spectrum_destroy(_ spectrum: OpaquePointer?) -> longconv_status {
    status { () throws(Refusal) in
        try HandleTable.remove(spectrum, as: (any AnySpectrum).self, "spectrum")
    }
}

@c @implementation
public func longconv_spectrum_byte_count(
    _ spectrum: OpaquePointer?, _ byteCount: UnsafeMutablePointer<Int64>?
) -> longconv_status {
    status { () throws(Refusal) in
        let found = try HandleTable.spectrum(spectrum).byteCount
        try destination(byteCount, "number of bytes").pointee = Int64(found)
    }
}

@c @implementation
public func longconv_apply_spectrum(
    _ plan: OpaquePointer?, _ spectrum: OpaquePointer?, _ operands: UnsafePointer<longconv_operands>?
) -> longconv_status {
    status { () throws(Refusal) in
        try HandleTable.plan(plan).apply(HandleTable.spectrum(spectrum), operands)
    }
}

extension HandleTable {
    fileprivate static func plan(_ handle: OpaquePointer?) throws(Refusal) -> any AnyPlan {
        try object(handle, as: (any AnyPlan).self, "plan")
    }

    fileprivate static func spectrum(_ handle: OpaquePointer?) throws(Refusal) -> any AnySpectrum {
        try object(handle, as: (any AnySpectrum).self, "spectrum")
    }
}
