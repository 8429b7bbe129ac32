/// Entry points: what a plugin is for the host.
#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "jobs.hpp"

namespace wodehost::detail {

template <class T>
constexpr bool is_result = false;
template <class T>
constexpr bool is_result<Result<T>> = true;

/// A failure as the C SDK takes it.
inline wode_value failed(const Failure &failure)
{
    return wode_fail_value(write(failure.value()));
}

/// What a plugin's function gave: a result, a value, or nothing.
template <class Call>
wode_value answer(Call call)
{
    using Given = decltype(call());
    if constexpr (std::is_void_v<Given>) {
        call();
        return wode_nil();
    } else {
        Given given = call();
        if constexpr (!is_result<Given>) {
            return write(given);
        } else {
            if (!given) return failed(given.error());
            if constexpr (std::is_void_v<typename Given::value_type>) return wode_nil();
            else return write(*given);
        }
    }
}

/// A worker's arguments: none, the job itself, or as many as the job is an array of.
template <class... Parameters>
Result<std::tuple<std::decay_t<Parameters>...>> arguments(wode_value job)
{
    using Arguments = std::tuple<std::decay_t<Parameters>...>;
    if constexpr (sizeof...(Parameters) == 0) {
        return Arguments();
    } else if constexpr (sizeof...(Parameters) == 1) {
        auto only = read_as<std::decay_t<Parameters>...>(job, "bad-argument");
        if (!only) return std::unexpected(std::move(only.error()));
        return Arguments(*std::move(only));
    } else {
        return read_as<Arguments>(job, "bad-argument");
    }
}

template <class R, class... Parameters>
wode_value work(R (*worker)(Parameters...), wode_value job)
{
    auto given = arguments<Parameters...>(job);
    if (!given) return failed(given.error());
    return answer([&]() -> R { return std::apply(worker, *std::move(given)); });
}

/// The one object of a role, made when it is first needed.
template <class T>
T &only()
{
    static T object;
    return object;
}

template <class Producer>
wode_value produce(wode_dispatch *to)
{
    auto next = [] {
        auto given = only<Producer>().next();
        if constexpr (is_result<decltype(given)>) return given;
        else return Result<decltype(given)>(std::move(given));
    }();
    if (!next) return failed(next.error());
    if (!*next) return wode_nil();
    // The SDK reads this after the call: so it stays as long as the producer.
    static std::optional<Dispatch> job;
    job = **std::move(next);
    Result<wode_dispatch> lowered = job->lower();
    if (!lowered) return failed(lowered.error());
    *to = *lowered;
    return wode_nil();
}

/// The type of the first parameter of `consume(job, outcome)`.
template <class R, class C, class JobType, class... Rest>
std::decay_t<JobType> job_type(R (C::*)(JobType, Rest...));

template <class Consumer>
wode_value consume(wode_value from, const wode_outcome *outcome)
{
    auto job = read_as<decltype(job_type(&Consumer::consume))>(from, "bad-value");
    if (!job) return failed(job.error());
    return answer([&] { return only<Consumer>().consume(*std::move(job), Outcome::from_c(*outcome)); });
}

template <class Consumer>
wode_value take_emitted(const wode_emitted *from)
{
    if constexpr (requires(Consumer consumer, Emitted emitted) { consumer.on_emit(emitted); }) {
        Emitted emitted{from->job_id, from->attempt, from->seq, *read<Raw>(from->data)};
        return answer([&] { return only<Consumer>().on_emit(std::move(emitted)); });
    } else {
        return wode_nil();
    }
}

template <class Consumer>
wode_value finish()
{
    if constexpr (requires(Consumer consumer) { consumer.finish(); })
        return answer([] { return only<Consumer>().finish(); });
    else
        return wode_nil();
}

/// A gate's answer: nullopt starts a job, a time holds jobs back.
inline std::int64_t admission(std::optional<std::chrono::nanoseconds> wait)
{
    return wait ? static_cast<std::int64_t>(whole_ms(*wait)) : WODE_GO;
}

} // namespace wodehost::detail

/// `T worker(arguments…)`, or `Result<T> worker(arguments…)`: called once per job.
#define WODEHOST_WORKER(function)                       \
    WODE_WORKER(job)                                    \
    {                                                   \
        return ::wodehost::detail::work(function, job); \
    }

/// `void set_up()`, or `Result<void> set_up()`: called before, in the same sandbox.
#define WODEHOST_SET_UP(function)                                      \
    WODE_SET_UP()                                                      \
    {                                                                  \
        return ::wodehost::detail::answer([] { return function(); });  \
    }

/// A class with `std::optional<Dispatch> next()`, or a result with it; nullopt = that was
/// all. One object lives as long as the producer.
#define WODEHOST_PRODUCER(Class)                        \
    WODE_PRODUCER(job)                                  \
    {                                                   \
        return ::wodehost::detail::produce<Class>(job); \
    }

/// A class with `consume(job, Outcome)` and, if it likes, `on_emit(Emitted)` and
/// `finish()`; each gives nothing or a `Result<void>`. One object takes all outcomes.
#define WODEHOST_CONSUMER(Class)                                 \
    WODE_CONSUMER(job, outcome)                                  \
    {                                                            \
        return ::wodehost::detail::consume<Class>(job, outcome); \
    }                                                            \
    WODE_ON_EMIT(emitted)                                        \
    {                                                            \
        return ::wodehost::detail::take_emitted<Class>(emitted); \
    }                                                            \
    WODE_FINISH()                                                \
    {                                                            \
        return ::wodehost::detail::finish<Class>();              \
    }

/// `std::optional<DURATION> gate()`: nullopt starts a job, a time holds jobs back.
#define WODEHOST_GATE(function)                            \
    WODE_GATE()                                            \
    {                                                      \
        return ::wodehost::detail::admission(function());  \
    }
