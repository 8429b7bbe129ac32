/// Between C++'s types and values: what a worker's parameters and results may be.
///
/// A type of your own is a map with the names of its members:
///
///     struct Guest { std::string name; int age = 0; };
///     WODEHOST_RECORD(Guest, name, age)
///
/// or whatever `Convert<T>` says, where you specialise it.
#pragma once

#include <chrono>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>

#include "failure.hpp"

namespace wodehost {

/// What does not fit, and where: `.guests[2].name`.
struct Misfit {
    std::string where;
    std::string problem;

    Misfit &&inside(std::string step) &&
    {
        where.insert(0, step);
        return std::move(*this);
    }
};

template <class T>
using Fitting = std::expected<T, Misfit>;

/// How a `T` is written and read. `write` may use the C SDK's memory, which lasts until
/// the entry point returns; what `read` gives owns what it holds.
template <class T>
struct Convert;

template <class T>
wode_value write(const T &from)
{
    return Convert<T>::write(from);
}

template <class T>
Fitting<T> read(const wode_value &from)
{
    return Convert<T>::read(from);
}

namespace detail {

inline std::unexpected<Misfit> misfit(const char *expected, const wode_value &found)
{
    return std::unexpected(Misfit{"", std::string("expected ") + expected + ", found " + wode_describe(found)});
}

inline std::string at(std::size_t index)
{
    return "[" + std::to_string(index) + "]";
}

template <class T, class From>
Fitting<T> read_item(const From &value, std::string step)
{
    Fitting<T> item = wodehost::read<T>(value);
    if (!item) return std::unexpected(std::move(item.error()).inside(std::move(step)));
    return item;
}

/// Bytes that last as long as the call.
inline const void *copy(const void *bytes, std::size_t size)
{
    void *to = wode_alloc(size);
    if (size > 0) std::memcpy(to, bytes, size);
    return to;
}

} // namespace detail

template <>
struct Convert<Nil> {
    static wode_value write(Nil) { return wode_nil(); }
    static Fitting<Nil> read(const wode_value &from)
    {
        if (from.kind == WODE_NIL) return Nil{};
        return detail::misfit("nil", from);
    }
};

template <>
struct Convert<bool> {
    static wode_value write(bool b) { return wode_bool(b); }
    static Fitting<bool> read(const wode_value &from)
    {
        if (from.kind == WODE_BOOL) return from.boolean;
        return detail::misfit("a boolean", from);
    }
};

template <std::integral N>
struct Convert<N> {
    static wode_value write(N n)
    {
        if constexpr (std::is_signed_v<N>) return wode_int(n);
        else return wode_uint(n);
    }
    static Fitting<N> read(const wode_value &from)
    {
        if (from.kind == WODE_INT && std::in_range<N>(from.integer)) return static_cast<N>(from.integer);
        if (from.kind == WODE_UINT && std::in_range<N>(from.natural)) return static_cast<N>(from.natural);
        std::string expected = "an integer of " + std::to_string(sizeof(N) * 8) + " bits";
        if (std::is_unsigned_v<N>) expected += ", not negative";
        return detail::misfit(expected.c_str(), from);
    }
};

template <std::floating_point F>
    requires(std::same_as<F, float> || std::same_as<F, double>)
struct Convert<F> {
    static wode_value write(F x)
    {
        if constexpr (std::same_as<F, float>) return wode_f32(x);
        else return wode_f64(x);
    }
    static Fitting<F> read(const wode_value &from)
    {
        double x = 0;
        switch (from.kind) {
        case WODE_INT: x = static_cast<double>(from.integer); break;
        case WODE_UINT: x = static_cast<double>(from.natural); break;
        case WODE_F32: x = from.single; break;
        case WODE_F64: x = from.number; break;
        default: return detail::misfit("a number", from);
        }
        constexpr double most = std::numeric_limits<F>::max();
        if ((x > most || x < -most) && x - x == 0) return detail::misfit("a number of 32 bits", from);
        return static_cast<F>(x);
    }
};

template <>
struct Convert<std::string> {
    static wode_value write(const std::string &text) { return wode_text_of(text.data(), text.size()); }
    static Fitting<std::string> read(const wode_value &from)
    {
        if (from.kind == WODE_TEXT) return std::string(from.text, from.size);
        return detail::misfit("a string", from);
    }
};

/// Only out: nobody would own the text that comes in.
template <>
struct Convert<std::string_view> {
    static wode_value write(std::string_view text) { return wode_text_of(text.data(), text.size()); }
};

template <>
struct Convert<const char *> {
    static wode_value write(const char *text) { return text ? wode_text_of(text, std::strlen(text)) : wode_nil(); }
};

template <std::size_t N>
struct Convert<char[N]> : Convert<const char *> {};

template <>
struct Convert<Bytes> {
    static wode_value write(const Bytes &bytes)
    {
        return wode_bin(detail::copy(bytes.data(), bytes.size()), bytes.size());
    }
    static Fitting<Bytes> read(const wode_value &from)
    {
        if (from.kind == WODE_BIN) return Bytes(from.bytes, from.bytes + from.size);
        return detail::misfit("binary data", from);
    }
};

template <>
struct Convert<Ext> {
    static wode_value write(const Ext &ext)
    {
        return wode_ext(ext.type, detail::copy(ext.bytes.data(), ext.bytes.size()), ext.bytes.size());
    }
    static Fitting<Ext> read(const wode_value &from)
    {
        if (from.kind == WODE_EXT) return Ext{from.ext_type, Bytes(from.bytes, from.bytes + from.size)};
        return detail::misfit("an extension type", from);
    }
};

template <>
struct Convert<Raw> {
    static wode_value write(const Raw &raw)
    {
        return wode_raw(detail::copy(raw.bytes.data(), raw.bytes.size()), raw.bytes.size());
    }
    static Fitting<Raw> read(const wode_value &from)
    {
        wode_value bytes = wode_as_it_came(from);
        if (bytes.kind != WODE_RAW) bytes = wode_encode(from);
        return Raw{Bytes(bytes.bytes, bytes.bytes + bytes.size)};
    }
};

/// MessagePack's timestamp, exact to what the clock of the machine can hold.
template <class Duration>
struct Convert<std::chrono::time_point<std::chrono::system_clock, Duration>> {
    using Time = std::chrono::time_point<std::chrono::system_clock, Duration>;
    static wode_value write(Time time)
    {
        auto seconds = std::chrono::floor<std::chrono::seconds>(time);
        auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds);
        return wode_timestamp(seconds.time_since_epoch().count(), static_cast<std::uint32_t>(rest.count()));
    }
    static Fitting<Time> read(const wode_value &from)
    {
        std::int64_t seconds;
        std::uint32_t nanoseconds;
        if (!wode_is_timestamp(from, &seconds, &nanoseconds)) return detail::misfit("a timestamp", from);
        using std::chrono::duration_cast;
        std::chrono::seconds whole(seconds);
        if (duration_cast<std::chrono::seconds>(Duration::max()) <= whole ||
            duration_cast<std::chrono::seconds>(Duration::min()) >= whole)
            return detail::misfit("a timestamp that the clock can hold", from);
        return Time(duration_cast<Duration>(whole) + duration_cast<Duration>(std::chrono::nanoseconds(nanoseconds)));
    }
};

/// Nil is nullopt.
template <class T>
struct Convert<std::optional<T>> {
    static wode_value write(const std::optional<T> &from) { return from ? wodehost::write(*from) : wode_nil(); }
    static Fitting<std::optional<T>> read(const wode_value &from)
    {
        if (from.kind == WODE_NIL) return std::optional<T>();
        Fitting<T> value = wodehost::read<T>(from);
        if (!value) return std::unexpected(std::move(value.error()));
        return std::optional<T>(*std::move(value));
    }
};

template <class T>
struct Convert<std::vector<T>> {
    static wode_value write(const std::vector<T> &from)
    {
        wode_value array = wode_array();
        for (const auto &item : from) wode_push(&array, wodehost::write<T>(item));
        return array;
    }
    static Fitting<std::vector<T>> read(const wode_value &from)
    {
        if (from.kind != WODE_ARRAY) return detail::misfit("an array", from);
        std::vector<T> items;
        items.reserve(from.size);
        for (std::uint32_t i = 0; i < from.size; i++) {
            Fitting<T> item = detail::read_item<T>(from.items[i], detail::at(i));
            if (!item) return std::unexpected(std::move(item.error()));
            items.push_back(*std::move(item));
        }
        return items;
    }
};

/// An array of exactly so many items, each of its own type.
template <class... T>
struct Convert<std::tuple<T...>> {
    static wode_value write(const std::tuple<T...> &from)
    {
        wode_value array = wode_array();
        std::apply([&](const auto &...item) { (wode_push(&array, wodehost::write(item)), ...); }, from);
        return array;
    }
    static Fitting<std::tuple<T...>> read(const wode_value &from)
    {
        if (from.kind != WODE_ARRAY || from.size != sizeof...(T)) {
            std::string expected = "an array of length " + std::to_string(sizeof...(T));
            return detail::misfit(expected.c_str(), from);
        }
        std::optional<Misfit> misfit;
        std::size_t next = 0;
        auto item = [&]<class Item>(std::type_identity<Item>) -> std::optional<Item> {
            std::size_t index = next++;
            if (misfit) return std::nullopt;
            Fitting<Item> read = detail::read_item<Item>(from.items[index], detail::at(index));
            if (read) return *std::move(read);
            misfit = std::move(read.error());
            return std::nullopt;
        };
        std::tuple<std::optional<T>...> items{item(std::type_identity<T>{})...};
        if (misfit) return std::unexpected(*std::move(misfit));
        return std::apply([](auto &&...each) { return std::tuple<T...>(*std::move(each)...); }, std::move(items));
    }
};

template <class A, class B>
struct Convert<std::pair<A, B>> {
    static wode_value write(const std::pair<A, B> &from)
    {
        wode_value array = wode_array();
        wode_push(&array, wodehost::write(from.first));
        wode_push(&array, wodehost::write(from.second));
        return array;
    }
    static Fitting<std::pair<A, B>> read(const wode_value &from)
    {
        auto both = wodehost::read<std::tuple<A, B>>(from);
        if (!both) return std::unexpected(std::move(both.error()));
        return std::pair<A, B>(std::get<0>(*std::move(both)), std::get<1>(*std::move(both)));
    }
};

namespace detail {

inline std::string key_step(const wode_value &key, std::uint32_t index)
{
    return key.kind == WODE_TEXT ? "." + std::string(key.text, key.size) : at(index);
}

/// `std::map` and `std::unordered_map`.
template <class M>
struct ConvertMap {
    using Key = typename M::key_type;
    using Mapped = typename M::mapped_type;
    static wode_value write(const M &from)
    {
        wode_value map = wode_map();
        for (const auto &[key, value] : from) wode_put(&map, wodehost::write(key), wodehost::write(value));
        return map;
    }
    static Fitting<M> read(const wode_value &from)
    {
        if (from.kind != WODE_MAP) return misfit("a map", from);
        M map;
        for (std::uint32_t i = 0; i < from.size; i++) {
            std::string step = key_step(from.pairs[i].key, i);
            Fitting<Key> key = read_item<Key>(from.pairs[i].key, "[key " + std::to_string(i) + "]");
            if (!key) return std::unexpected(std::move(key.error()));
            Fitting<Mapped> value = read_item<Mapped>(from.pairs[i].value, std::move(step));
            if (!value) return std::unexpected(std::move(value.error()));
            map.emplace(*std::move(key), *std::move(value));
        }
        return map;
    }
};

} // namespace detail

template <class K, class V, class... Rest>
struct Convert<std::map<K, V, Rest...>> : detail::ConvertMap<std::map<K, V, Rest...>> {};

template <class K, class V, class... Rest>
struct Convert<std::unordered_map<K, V, Rest...>> : detail::ConvertMap<std::unordered_map<K, V, Rest...>> {};

template <>
struct Convert<Value>;

template <>
struct Convert<Map> {
    static wode_value write(const Map &from)
    {
        wode_value map = wode_map();
        for (const auto &[key, value] : from) wode_put(&map, wodehost::write(key), wodehost::write(value));
        return map;
    }
    static Fitting<Map> read(const wode_value &from)
    {
        if (from.kind != WODE_MAP) return detail::misfit("a map", from);
        Map map;
        map.reserve(from.size);
        for (std::uint32_t i = 0; i < from.size; i++)
            map.emplace_back(*wodehost::read<Value>(from.pairs[i].key), *wodehost::read<Value>(from.pairs[i].value));
        return map;
    }
};

/// A value of any shape.
template <>
struct Convert<Value> {
    static wode_value write(const Value &from)
    {
        return std::visit([](const auto &held) { return wodehost::write(held); }, from.holds());
    }
    static Fitting<Value> read(const wode_value &from)
    {
        switch (static_cast<wode_kind>(from.kind)) {
        case WODE_BOOL: return Value(from.boolean);
        case WODE_INT: return Value(from.integer);
        case WODE_UINT: return Value(from.natural);
        case WODE_F32: return Value(from.single);
        case WODE_F64: return Value(from.number);
        case WODE_TEXT: return Value(std::string_view(from.text, from.size));
        case WODE_BIN: return Value(Bytes(from.bytes, from.bytes + from.size));
        case WODE_RAW: return Value(Raw{Bytes(from.bytes, from.bytes + from.size)});
        case WODE_EXT: return Value(Ext{from.ext_type, Bytes(from.bytes, from.bytes + from.size)});
        case WODE_ARRAY: return read_as<Array>(from);
        case WODE_MAP: return read_as<Map>(from);
        case WODE_NIL:
        case WODE_FAILURE: break;
        }
        return Value();
    }

private:
    template <class T>
    static Fitting<Value> read_as(const wode_value &from)
    {
        Fitting<T> held = wodehost::read<T>(from);
        if (!held) return std::unexpected(std::move(held.error()));
        return Value(*std::move(held));
    }
};

namespace detail {

/// A member that need not be there: one with `std::optional`, or of a record whose
/// members have defaults (`WODEHOST_RECORD_OR`).
template <class T>
constexpr bool may_be_missing = false;
template <class T>
constexpr bool may_be_missing<std::optional<T>> = true;

template <class T>
void read_member(const wode_value &from, const char *name, bool keeps_default, T &member,
                 std::optional<Misfit> &misfit)
{
    if (misfit) return;
    const wode_value *found = wode_find(from, name);
    std::string step = std::string(".") + name;
    if (!found) {
        if (!keeps_default && !may_be_missing<T>)
            misfit = Misfit{std::move(step), "nothing is there"};
        return;
    }
    Fitting<T> value = read_item<T>(*found, std::move(step));
    if (value) member = *std::move(value);
    else misfit = std::move(value.error());
}

} // namespace detail

// One expansion for each of up to 256 arguments.
#define WODEHOST_PARENS_ ()
#define WODEHOST_EXPAND_(...) WODEHOST_EXPAND1_(WODEHOST_EXPAND1_(WODEHOST_EXPAND1_(WODEHOST_EXPAND1_(__VA_ARGS__))))
#define WODEHOST_EXPAND1_(...) WODEHOST_EXPAND2_(WODEHOST_EXPAND2_(WODEHOST_EXPAND2_(WODEHOST_EXPAND2_(__VA_ARGS__))))
#define WODEHOST_EXPAND2_(...) WODEHOST_EXPAND3_(WODEHOST_EXPAND3_(WODEHOST_EXPAND3_(WODEHOST_EXPAND3_(__VA_ARGS__))))
#define WODEHOST_EXPAND3_(...) __VA_ARGS__
#define WODEHOST_EACH_(what, ...) __VA_OPT__(WODEHOST_EXPAND_(WODEHOST_EACH1_(what, __VA_ARGS__)))
#define WODEHOST_EACH1_(what, first, ...) \
    what(first) __VA_OPT__(WODEHOST_EACH2_ WODEHOST_PARENS_(what, __VA_ARGS__))
#define WODEHOST_EACH2_() WODEHOST_EACH1_
#define WODEHOST_WRITE_MEMBER_(name) wode_put(&map, wode_text(#name), ::wodehost::write(from.name));
#define WODEHOST_READ_MEMBER_(name) \
    ::wodehost::detail::read_member(from, #name, keeps_defaults, record.name, misfit);

#define WODEHOST_RECORD_AS_(Type, keeps, ...)                                       \
    template <>                                                                     \
    struct wodehost::Convert<Type> {                                                \
        static wode_value write(const Type &from)                                   \
        {                                                                           \
            wode_value map = wode_map();                                            \
            WODEHOST_EACH_(WODEHOST_WRITE_MEMBER_, __VA_ARGS__)                     \
            return map;                                                             \
        }                                                                           \
        static Fitting<Type> read(const wode_value &from)                           \
        {                                                                           \
            if (from.kind != WODE_MAP) return detail::misfit("a map for " #Type, from); \
            constexpr bool keeps_defaults = keeps;                                  \
            Type record{};                                                          \
            std::optional<Misfit> misfit;                                           \
            WODEHOST_EACH_(WODEHOST_READ_MEMBER_, __VA_ARGS__)                      \
            if (misfit) return std::unexpected(*std::move(misfit));                 \
            return record;                                                          \
        }                                                                           \
    };

/// A struct as a map with the names of its members as keys. Those that are
/// `std::optional` may be missing; with WODEHOST_RECORD_OR all may, and keep their
/// defaults. Stands outside of any namespace.
#define WODEHOST_RECORD(Type, ...) WODEHOST_RECORD_AS_(Type, false, __VA_ARGS__)
#define WODEHOST_RECORD_OR(Type, ...) WODEHOST_RECORD_AS_(Type, true, __VA_ARGS__)

/// A `T`, or a failure `code` that says where it does not fit.
template <class T>
Result<T> read_as(const wode_value &from, const char *code)
{
    if (wode_failed(from)) return std::unexpected(Failure::from_c(from));
    Fitting<T> value = read<T>(from);
    if (value) return *std::move(value);
    const Misfit &misfit = value.error();
    std::string where = misfit.where.empty() ? "" : "at `" + misfit.where + "`: ";
    return fail(code, where + misfit.problem);
}

/// Reads MessagePack; a failure `bad-value` when it is none or no `T`.
template <class T>
Result<T> decode(const Bytes &bytes)
{
    return read_as<T>(wode_decode(bytes.data(), bytes.size()), "bad-value");
}

/// Writes MessagePack; a failure `bad-value` that says where and why when it cannot be.
template <class T>
Result<Bytes> encode(const T &value)
{
    wode_value encoded = wode_encode(write(value));
    if (wode_failed(encoded)) return std::unexpected(Failure::from_c(encoded));
    return Bytes(encoded.bytes, encoded.bytes + encoded.size);
}

} // namespace wodehost
