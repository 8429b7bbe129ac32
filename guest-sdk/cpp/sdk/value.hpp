/// Values of any shape.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "c/wodehost.h"

namespace wodehost {

class Value;

/// MessagePack's nil.
struct Nil {
    friend bool operator==(Nil, Nil) = default;
};

/// Bytes, which are no text.
struct Bytes : std::vector<std::uint8_t> {
    using vector::vector;
};

/// An extension type; -1 is a timestamp.
struct Ext {
    std::int8_t type = 0;
    Bytes bytes;
    friend bool operator==(const Ext &, const Ext &) = default;
};

/// MessagePack that is handed on byte for byte, unread.
struct Raw {
    Bytes bytes;
    friend bool operator==(const Raw &, const Raw &) = default;
};

using Array = std::vector<Value>;
/// Pairs in their order; keys may be anything.
using Map = std::vector<std::pair<Value, Value>>;

/// One value. It owns what it holds.
///
/// Integers are `std::int64_t`, and `std::uint64_t` only where they are larger.
class Value {
public:
    using Holds = std::variant<Nil, bool, std::int64_t, std::uint64_t, float, double, std::string,
                               Bytes, Array, Map, Ext, Raw>;

    Value() = default;
    Value(Nil) {}
    Value(bool b) : holds_(b) {}
    template <std::integral N>
        requires(!std::same_as<N, bool>)
    Value(N n)
    {
        if (std::in_range<std::int64_t>(n)) holds_ = static_cast<std::int64_t>(n);
        else holds_ = static_cast<std::uint64_t>(n);
    }
    Value(float x) : holds_(x) {}
    Value(double x) : holds_(x) {}
    Value(const char *text) : holds_(std::string(text)) {}
    Value(std::string_view text) : holds_(std::string(text)) {}
    Value(std::string text) : holds_(std::move(text)) {}
    Value(Bytes bytes) : holds_(std::move(bytes)) {}
    Value(Array items) : holds_(std::move(items)) {}
    Value(Map pairs) : holds_(std::move(pairs)) {}
    Value(Ext ext) : holds_(std::move(ext)) {}
    Value(Raw raw) : holds_(std::move(raw)) {}
    /// A pointer is no value, and would be taken for a bool.
    template <class T>
    Value(T *) = delete;

    template <class T>
    bool is() const
    {
        return std::holds_alternative<T>(holds_);
    }
    /// NULL when it is something else.
    template <class T>
    const T *get_if() const
    {
        return std::get_if<T>(&holds_);
    }
    template <class T>
    T *get_if()
    {
        return std::get_if<T>(&holds_);
    }
    const Holds &holds() const { return holds_; }

    /// What a map has under a text; nil when there is nothing, or it is no map.
    const Value &operator[](std::string_view key) const;

    friend bool operator==(const Value &a, const Value &b) { return same(a, b); }

private:
    static bool same(const Value &a, const Value &b);
    Holds holds_;
};

inline const Value &Value::operator[](std::string_view key) const
{
    static const Value nil;
    const Map *map = get_if<Map>();
    if (!map) return nil;
    for (const auto &[name, value] : *map) {
        const std::string *text = name.get_if<std::string>();
        if (text && *text == key) return value;
    }
    return nil;
}

inline bool Value::same(const Value &a, const Value &b)
{
    return a.holds_ == b.holds_;
}

} // namespace wodehost
