/// Calls to the host, by the contract's interfaces.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "convert.hpp"
#include "failure.hpp"

namespace wodehost {

namespace detail {

inline std::uint64_t whole_ms(std::chrono::nanoseconds time)
{
    auto ms = std::chrono::ceil<std::chrono::milliseconds>(time).count();
    return ms < 0 ? 0 : static_cast<std::uint64_t>(ms);
}

/// Gives the arena back what a call to the host took.
class Scratch {
public:
    Scratch() : mark_(wode_mark()) {}
    ~Scratch() { wode_release(mark_); }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

private:
    wode_arena_mark mark_;
};

} // namespace detail

namespace host {

/// The process-name.
inline std::string name()
{
    detail::Scratch scratch;
    return wode_host_name();
}

/// `[plugins.NAME.config]`; a failure `bad-config` when it is no `T`.
template <class T>
Result<T> config()
{
    detail::Scratch scratch;
    return read_as<T>(wode_host_config(), "bad-config");
}

/// A variable that is set and granted.
inline std::optional<std::string> env(const std::string &name)
{
    detail::Scratch scratch;
    const char *value = wode_host_env(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

} // namespace host

namespace log {

inline void error(const std::string &line) { wode_log(WODE_ERROR, line.c_str()); }
inline void warn(const std::string &line) { wode_log(WODE_WARN, line.c_str()); }
inline void info(const std::string &line) { wode_log(WODE_INFO, line.c_str()); }
inline void debug(const std::string &line) { wode_log(WODE_DEBUG, line.c_str()); }

} // namespace log

namespace clock {

inline void sleep(std::chrono::nanoseconds time) { wode_clock_sleep(detail::whole_ms(time)); }

/// By the host's clock, in whole milliseconds.
inline std::chrono::sys_time<std::chrono::milliseconds> now()
{
    return std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(wode_clock_now()));
}

} // namespace clock

namespace random {

inline Bytes bytes(std::size_t size)
{
    Bytes bytes(size);
    wode_random_bytes(bytes.data(), size);
    return bytes;
}

/// Seeds a generator: `std::mt19937_64 dice(random::seed());`.
inline std::uint64_t seed() { return wode_random_seed(); }

} // namespace random

namespace task {

inline std::string id()
{
    detail::Scratch scratch;
    return wode_task_id();
}

inline std::string group()
{
    detail::Scratch scratch;
    return wode_task_group();
}

inline std::uint32_t attempt() { return wode_task_attempt(); }

/// Nullopt = without end.
inline std::optional<std::uint32_t> retries_left()
{
    std::uint64_t left = wode_task_retries_left();
    if (left == WODE_WITHOUT_END) return std::nullopt;
    return static_cast<std::uint32_t>(left);
}

inline void set_name(const std::string &name) { wode_task_set_name(name.c_str()); }

/// The carried state; an empty map at first. A failure `bad-value` when it is no `T`.
template <class T>
Result<T> data()
{
    detail::Scratch scratch;
    return read_as<T>(wode_task_data(), "bad-value");
}

/// Replaces the carried state: a failure is `not-taken` or `bad-value`.
template <class T>
Result<void> update(const T &state)
{
    detail::Scratch scratch;
    return detail::done(wode_task_update(write(state)));
}

/// Sends a value: a failure is `not-taken` or `bad-value`.
template <class T>
Result<void> emit(const T &value)
{
    detail::Scratch scratch;
    return detail::done(wode_task_emit(write(value)));
}

inline void keepalive() { wode_task_keepalive(); }
inline bool stopping() { return wode_task_stopping(); }

/// Ends the attempt. Returns only what is wrong with a value that cannot be written:
/// `return task::success(value);`.
template <class T>
std::unexpected<Failure> success(const T &result)
{
    return std::unexpected(Failure::from_c(wode_task_success(write(result))));
}

/// Ends the attempt as failed for good; returns as `success` does.
template <class T>
std::unexpected<Failure> failure(const T &error)
{
    return std::unexpected(Failure::from_c(wode_task_failure(write(error))));
}

[[noreturn]] inline void success_with_state() { wode_task_success_with_state(); }
[[noreturn]] inline void failure_with_state() { wode_task_failure_with_state(); }
[[noreturn]] inline void restart() { wode_task_restart(); }

} // namespace task

namespace board {

enum class Look { normal = WODE_LOOK_NORMAL, success = WODE_LOOK_SUCCESS, warning = WODE_LOOK_WARNING, error = WODE_LOOK_ERROR };

inline void say(const std::string &text) { wode_board_say(text.c_str()); }
inline void look(Look look) { wode_board_look(static_cast<wode_look>(look)); }
inline void pin(bool on) { wode_board_pin(on); }
inline void start(std::uint64_t total) { wode_board_start(total); }
/// A failure `not-taken` before the start.
inline Result<void> tick(std::uint64_t n) { return detail::done(wode_board_tick(n)); }
inline void complete() { wode_board_complete(); }
inline void clear() { wode_board_clear(); }

} // namespace board

namespace checkpoint {

/// What was saved last; nullopt at the very first start.
template <class T>
Result<std::optional<T>> load()
{
    detail::Scratch scratch;
    const wode_value *saved = wode_checkpoint_load();
    if (!saved) return std::optional<T>();
    Result<T> state = read_as<T>(*saved, "bad-value");
    if (!state) return std::unexpected(std::move(state.error()));
    return std::optional<T>(*std::move(state));
}

/// A failure is `not-taken` or `bad-value`.
template <class T>
Result<void> save(const T &state)
{
    detail::Scratch scratch;
    return detail::done(wode_checkpoint_save(write(state)));
}

} // namespace checkpoint
} // namespace wodehost
