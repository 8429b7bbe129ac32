/// Failures, and results that may be one.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "c/wodehost.h"
#include "value.hpp"

namespace wodehost {

/// Why a plugin could not do what it was asked. It becomes the job's failure value: a map
/// with `message`, with `code` and `causes` where there are such; or any value.
class Failure {
public:
    explicit Failure(std::string message) : message_(std::move(message)) {}
    Failure(std::string code, std::string message)
        : code_(std::move(code)), message_(std::move(message))
    {
    }

    /// A failure whose value is exactly this one.
    static Failure of(Value value)
    {
        Failure failure{std::string{}};
        failure.value_ = std::move(value);
        return failure;
    }

    /// The same with one more text in its `causes`.
    Failure &&because(std::string cause) &&
    {
        causes_.push_back(std::move(cause));
        return std::move(*this);
    }

    /// Empty when it has none.
    const std::string &code() const { return code_; }
    const std::string &message() const { return message_; }

    /// The failure value.
    Value value() const
    {
        if (value_) return *value_;
        Map map;
        if (!code_.empty()) map.emplace_back("code", code_);
        map.emplace_back("message", message_);
        if (!causes_.empty()) map.emplace_back("causes", Array(causes_.begin(), causes_.end()));
        return map;
    }

    /// What the C SDK said.
    static Failure from_c(wode_value failed)
    {
        return Failure(wode_code(failed), wode_message(failed));
    }

private:
    std::string code_;
    std::string message_;
    std::vector<std::string> causes_;
    std::optional<Value> value_;
};

/// A `T`, or why there is none.
template <class T>
using Result = std::expected<T, Failure>;

/// What a function returns in place of a result: `return fail("code", "text");`.
inline std::unexpected<Failure> fail(std::string message)
{
    return std::unexpected(Failure(std::move(message)));
}

inline std::unexpected<Failure> fail(std::string code, std::string message)
{
    return std::unexpected(Failure(std::move(code), std::move(message)));
}

/// Writes the text to stderr and traps: for what must not happen.
[[noreturn]] inline void panic(const std::string &message)
{
    wode_panic(message.c_str());
}

/// The value of a result; returns the failure from the function around it, where it is one:
/// `auto n = WODEHOST_TRY(count());`.
#define WODEHOST_TRY(...)                                                             \
    __extension__({                                                                   \
        auto wodehost_tried_ = (__VA_ARGS__);                                         \
        if (!wodehost_tried_) return std::unexpected(std::move(wodehost_tried_).error()); \
        ::wodehost::detail::take(std::move(wodehost_tried_));                         \
    })

namespace detail {

template <class T>
T take(Result<T> &&result)
{
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Of the C SDK: nil, or a failure.
inline Result<void> done(wode_value value)
{
    if (wode_failed(value)) return std::unexpected(Failure::from_c(value));
    return {};
}

} // namespace detail
} // namespace wodehost
