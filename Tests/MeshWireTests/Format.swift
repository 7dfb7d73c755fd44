import MeshModel
import MeshWire
import Testing

/// One wire format under test: how to read, write, describe and draw its values, and its
/// hand-picked cases. The vectors in `docs/spec/vectors` are made from these.
struct Format: Sendable, CustomTestStringConvertible {
    struct Accept: Sendable {
        let name: String
        let bytes: [UInt8]
        let value: JSON
    }

    struct Reject: Sendable {
        let name: String
        let bytes: [UInt8]
        let error: WireError

        init(_ name: String, _ bytes: [UInt8], _ error: WireError) {
            self.name = name
            self.bytes = bytes
            self.error = error
        }
    }

    /// What decoding gave, and what encoding made of it again.
    struct Recoded: Equatable, Sendable {
        let value: JSON
        let bytes: [UInt8]
    }

    let name: String
    let about: String
    /// Every field of the format, by the name that errors use.
    let fields: Set<String>
    /// Whether bytes after the last field are refused; a piece takes all that is left.
    let hasEnd: Bool
    let accept: [Accept]
    let reject: [Reject]
    let recode: @Sendable ([UInt8]) throws(WireError) -> Recoded
    /// A value drawn from the generator: its bytes and its description.
    let draw: @Sendable (inout SeededGenerator) -> Recoded

    var testDescription: String { name }

    init<Value>(
        _ name: String, about: String, fields: Set<String>, hasEnd: Bool = true,
        codec: Codec<Value>, accept values: [(String, Value)], reject: [Reject]
    ) {
        self.name = name
        self.about = about
        self.fields = fields
        self.hasEnd = hasEnd
        accept = values.map { Accept(name: $0, bytes: codec.write($1), value: codec.describe($1)) }
        self.reject = reject
        recode = { bytes throws(WireError) in
            let value = try codec.read(bytes)
            return Recoded(value: codec.describe(value), bytes: codec.write(value))
        }
        draw = { generator in
            let value = codec.draw(&generator)
            return Recoded(value: codec.describe(value), bytes: codec.write(value))
        }
    }

    /// The prefixes of the accepted values at which each field is first found cut short.
    var cutShort: [Reject] {
        var seen: Set<String> = []
        var found: [Reject] = []
        for sample in accept {
            for count in 0..<sample.bytes.count {
                let prefix = Array(sample.bytes.prefix(count))
                guard let error = error(of: prefix), error.code == .truncated,
                    fields.contains(error.field.description),
                    seen.insert(error.field.description).inserted
                else { continue }
                found.append(Reject("cut short in \(error.field)", prefix, error))
            }
        }
        return found
    }

    /// The first accepted value with a byte too many.
    var overlong: [Reject] {
        guard hasEnd, let bytes = accept.first.map({ $0.bytes + [0] }),
            let error = error(of: bytes)
        else { return [] }
        return [Reject("a byte after the end", bytes, error)]
    }

    func error(of bytes: [UInt8]) -> WireError? {
        do {
            _ = try recode(bytes)
            return nil
        } catch {
            return error
        }
    }

    var vectors: VectorFile {
        VectorFile(
            name: name, about: about,
            accept: accept.map {
                ["name": .string($0.name), "bytes": .hex($0.bytes), "value": $0.value]
            },
            reject: (reject + cutShort + overlong).map {
                [
                    "name": .string($0.name), "bytes": .hex($0.bytes),
                    "code": .string($0.error.code.rawValue),
                    "field": .string($0.error.field.description),
                    "offset": .number($0.error.offset),
                ]
            })
    }
}

/// The four ways in and out of one type.
struct Codec<Value>: Sendable {
    let read: @Sendable ([UInt8]) throws(WireError) -> Value
    let write: @Sendable (Value) -> [UInt8]
    let describe: @Sendable (Value) -> JSON
    let draw: @Sendable (inout SeededGenerator) -> Value

    init(
        read: @escaping @Sendable ([UInt8]) throws(WireError) -> Value,
        write: @escaping @Sendable (Value) -> [UInt8],
        describe: @escaping @Sendable (Value) -> JSON,
        draw: @escaping @Sendable (inout SeededGenerator) -> Value
    ) {
        self.read = read
        self.write = write
        self.describe = describe
        self.draw = draw
    }

    /// A type that reads from the front and leaves the end to its caller.
    init(
        reading: @escaping @Sendable (inout ByteReader) throws(WireError) -> Value,
        writing: @escaping @Sendable (Value, inout ByteWriter) -> Void,
        describe: @escaping @Sendable (Value) -> JSON,
        draw: @escaping @Sendable (inout SeededGenerator) -> Value
    ) {
        read = { bytes throws(WireError) in
            var reader = ByteReader(bytes)
            let value = try reading(&reader)
            try reader.finish("message")
            return value
        }
        write = { value in
            var writer = ByteWriter()
            writing(value, &writer)
            return writer.bytes
        }
        self.describe = describe
        self.draw = draw
    }
}
