extension Safetensors {
    /// The named tensor of floating-point numbers: those of 16 bits (both formats) and 32 bits exactly, those of 64
    /// bits rounded.
    ///
    /// - Throws: ``SafetensorsError/missing(path:name:)`` or
    ///   ``SafetensorsError/wrongScalarType(path:name:expected:found:)``.
    public func tensor(named name: String) throws(SafetensorsError) -> Tensor {
        let entry = try entry(name)
        switch entry.type {
        case .float64: return tensor(of: entry) { Float(Double(bitPattern: $0)) }
        case .float32: return tensor(of: entry) { Float(bitPattern: $0) }
        case .float16: return tensor(of: entry) { Float(halfPattern: $0) }
        case .bfloat16: return tensor(of: entry) { (word: UInt16) in Float(bitPattern: UInt32(word) << 16) }
        default: throw wrongType(name, entry, expected: "floating-point numbers")
        }
    }

    /// The scalars of the named tensor of floating-point numbers, exactly, in row-major order.
    ///
    /// - Throws: As ``tensor(named:)``.
    public func doubles(named name: String) throws(SafetensorsError) -> [Double] {
        let entry = try entry(name)
        guard entry.type == .float64 else { return try tensor(named: name).scalars.map(Double.init) }
        return scalars(of: entry) { Double(bitPattern: $0) }
    }

    /// The scalars of the named tensor of integers of 8 to 64 bits, signed or not, or of Booleans, in row-major order;
    /// false is 0, and true, which any other byte stands for, is 1.
    ///
    /// - Throws: ``SafetensorsError/missing(path:name:)``,
    ///   ``SafetensorsError/wrongScalarType(path:name:expected:found:)``, or
    ///   ``SafetensorsError/integerTooLarge(path:name:index:found:)`` for an unsigned integer of 64 bits above `Int.max`.
    public func integers(named name: String) throws(SafetensorsError) -> [Int] {
        let entry = try entry(name)
        switch entry.type {
        case .int64: return scalars(of: entry) { Int(Int64(bitPattern: $0)) }
        case .int32: return scalars(of: entry) { Int(Int32(bitPattern: $0)) }
        case .int16: return scalars(of: entry) { Int(Int16(bitPattern: $0)) }
        case .int8: return scalars(of: entry) { Int(Int8(bitPattern: $0)) }
        case .uint32: return scalars(of: entry) { (word: UInt32) in Int(word) }
        case .uint16: return scalars(of: entry) { (word: UInt16) in Int(word) }
        case .uint8: return scalars(of: entry) { (word: UInt8) in Int(word) }
        case .bool: return scalars(of: entry) { (word: UInt8) in word == 0 ? 0 : 1 }
        case .uint64:
            let words: [UInt64] = scalars(of: entry) { $0 }
            if let index = words.firstIndex(where: { $0 > Int.max }) {
                throw tooLarge(words[index], at: index, in: name)
            }
            return words.map { Int($0) }
        default: throw wrongType(name, entry, expected: "integers")
        }
    }

    private func tensor<Word: FixedWidthInteger>(
        of entry: SafetensorsHeader.Entry, _ convert: (Word) -> Float
    ) -> Tensor {
        withBytes(of: entry) { bytes in
            Tensor(shape: entry.shape) { (scalars: UnsafeMutableBufferPointer<Float>) in
                for index in scalars.indices { scalars[index] = convert(bytes.littleEndian(at: index)) }
            }
        }
    }

    private func scalars<Word: FixedWidthInteger, Scalar>(
        of entry: SafetensorsHeader.Entry, _ convert: (Word) -> Scalar
    ) -> [Scalar] {
        withBytes(of: entry) { bytes in
            (0..<bytes.count / MemoryLayout<Word>.size).map { convert(bytes.littleEndian(at: $0)) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The word with the given index; where the first one lies is not aligned.
    fileprivate func littleEndian<Word: FixedWidthInteger>(at index: Int) -> Word {
        Word(littleEndian: loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self))
    }
}

extension Float {
    /// The number with the given bit pattern in IEEE 754's binary16 format. `Float16` is not available on every
    /// platform.
    fileprivate init(halfPattern pattern: UInt16) {
        let sign = UInt32(pattern & 0x8000) << 16
        let exponent = UInt32(pattern >> 10 & 0x1F)
        let fraction = UInt32(pattern & 0x3FF)
        switch exponent {
        case 0: self = Float(fraction) * 0x1p-24 * (sign == 0 ? 1 : -1)
        case 31: self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
