/// A JSON value. Integers of 64 bits stay exact, and an object keeps the order of its keys.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction or exponent, `Int64.min...Int64.max`.
    case integer(Int64)
    /// A whole number above `Int64.max`; smaller ones are always `.integer`.
    case large(UInt64)
    /// A number with a fraction or an exponent. Not finite is written as `null`.
    case number(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// The value of any integer type; what exceeds 64 bits does not exist here.
    package init(_ value: some FixedWidthInteger) {
        if let small = Int64(exactly: value) {
            self = .integer(small)
        } else {
            self = .large(UInt64(truncatingIfNeeded: value))
        }
    }

    package init(_ value: String) { self = .string(value) }

    package init(_ value: Bool) { self = .bool(value) }

    /// `null` for nil.
    package init(_ value: String?) { self = value.map(JSON.string) ?? .null }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, if this is one that fits.
    package var int: Int? {
        if case .integer(let value) = self { Int(exactly: value) } else { nil }
    }

    package var uint64: UInt64? {
        switch self {
        case .integer(let value): UInt64(exactly: value)
        case .large(let value): value
        default: nil
        }
    }

    /// Any number as a double, rounded where it has more than 53 bits.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .large(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    package var isNull: Bool { self == .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements))
    }
    package init(nilLiteral: ()) { self = .null }
}

/// The members of a JSON object in the order they were written; keys are unique.
///
/// A list rather than a hash table: objects here have some ten members, and the order is part of
/// what people read. Two objects are equal if they have the same members in the same order.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Member: Hashable, Sendable {
        package let key: String
        package var value: JSON
    }

    package private(set) var members: [Member] = []

    package init() {}

    /// The members in this order; of equal keys the last value wins, at the first one's place.
    package init(_ members: some Sequence<(String, JSON)>) {
        for (key, value) in members { self[key] = value }
    }

    package init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }

    /// Members whose keys the caller knows to be unique.
    init(unique members: [Member]) { self.members = members }

    package var isEmpty: Bool { members.isEmpty }

    package var count: Int { members.count }

    package var keys: [String] { members.map(\.key) }

    /// Nil where there is no such key; setting nil removes it, a new key goes to the end.
    package subscript(key: String) -> JSON? {
        get { members.first { $0.key == key }?.value }
        set {
            let place = members.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}
