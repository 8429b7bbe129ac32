/// Jobs: how they are described, submitted and waited for, and how they end.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calls.hpp"

namespace wodehost {

/// A job for a worker: `Dispatch("resize").arg("cat.png").arg(320).option("keepalive", "200ms")`.
/// What cannot be written is told where the job is dispatched or submitted.
class Dispatch {
public:
    explicit Dispatch(std::string worker) : worker_(std::move(worker)) {}

    template <class T>
    Dispatch &&arg(const T &argument) &&
    {
        add(argument);
        return std::move(*this);
    }

    /// A key of the job's section in wodehost.toml; the latest value for a key counts.
    template <class T>
    Dispatch &&option(std::string key, const T &value) &&
    {
        set(std::move(key), value);
        return std::move(*this);
    }

    template <class T>
    void add(const T &argument)
    {
        args_.push_back(kept(argument));
    }

    template <class T>
    void set(std::string key, const T &value)
    {
        std::erase_if(options_, [&](const auto &option) { return option.first == key; });
        options_.emplace_back(std::move(key), kept(value));
    }

    /// In the C SDK's memory, or why it cannot be written.
    Result<wode_dispatch> lower() const
    {
        wode_dispatch to = wode_to(worker_.c_str());
        for (std::size_t i = 0; i < args_.size(); i++) {
            if (!args_[i])
                return fail("bad-value", "argument " + std::to_string(i + 1) + ": " + args_[i].error().message());
            wode_arg(&to, wode_raw(args_[i]->data(), args_[i]->size()));
        }
        for (const auto &[key, value] : options_) {
            if (!value) return fail("bad-value", "option `" + key + "`: " + value.error().message());
            wode_option(&to, key.c_str(), wode_raw(value->data(), value->size()));
        }
        return to;
    }

private:
    template <class T>
    static Result<Bytes> kept(const T &value)
    {
        detail::Scratch scratch;
        return encode(value);
    }

    std::string worker_;
    std::vector<Result<Bytes>> args_;
    std::vector<std::pair<std::string, Result<Bytes>>> options_;
};

enum class Status {
    unspecified = WODE_UNSPECIFIED,
    success = WODE_SUCCESS,
    failure = WODE_FAILED,
    timeout = WODE_TIMEOUT,
    mixed = WODE_MIXED,
    rejected = WODE_REJECTED,
    cancelled = WODE_CANCELLED,
};

/// The name as the contract writes it.
inline std::string name_of(Status status)
{
    return wode_status_name(static_cast<wode_status>(status));
}

/// What a finished job leaves.
struct Outcome {
    std::string id;
    std::string worker;
    Status status = Status::unspecified;
    std::string reason;
    std::optional<std::string> message;
    std::uint32_t attempts = 0;
    Raw raw_data;
    Raw raw_more;

    bool is_success() const { return status == Status::success; }

    /// The result on success; the error value, or the carried state, otherwise.
    template <class T>
    Result<T> data() const
    {
        detail::Scratch scratch;
        return decode<T>(raw_data.bytes);
    }

    /// Whatever else is known: a map with `receipts`, `stderr` …
    template <class T>
    Result<T> more() const
    {
        detail::Scratch scratch;
        return decode<T>(raw_more.bytes);
    }

    /// The result on success; otherwise a failure with the reason as its code.
    template <class T>
    Result<T> result() const
    {
        if (is_success()) return data<T>();
        std::string text = "job " + id + " of `" + worker + "` gave no result: " + reason;
        if (message) text += ": " + *message;
        return fail(reason, std::move(text));
    }

    static Outcome from_c(const wode_outcome &from)
    {
        return Outcome{
            .id = from.id,
            .worker = from.worker,
            .status = static_cast<Status>(from.status),
            .reason = from.reason,
            .message = from.message ? std::optional<std::string>(from.message) : std::nullopt,
            .attempts = from.attempts,
            .raw_data = *read<Raw>(from.data),
            .raw_more = *read<Raw>(from.more),
        };
    }
};

/// A value that a job sent while it ran.
struct Emitted {
    std::string job_id;
    std::uint32_t attempt = 0;
    std::uint64_t seq = 0;
    Raw raw_data;

    template <class T>
    Result<T> data() const
    {
        detail::Scratch scratch;
        return decode<T>(raw_data.bytes);
    }
};

/// A nested job. Its end of life gives the handle back and does not cancel the job; the
/// end of the job that submitted it does.
class Job {
public:
    explicit Job(wode_job job) : job_(job) {}
    Job(Job &&from) noexcept : job_(std::exchange(from.job_, std::nullopt)) {}
    Job &operator=(Job &&from) noexcept
    {
        std::swap(job_, from.job_);
        return *this;
    }
    ~Job()
    {
        if (job_) wode_job_drop(*job_);
    }

    std::string id() const
    {
        detail::Scratch scratch;
        return wode_job_id(*job_);
    }

    bool done() const { return wode_job_done(*job_); }

    /// Nullopt: paused by this very attempt.
    std::optional<Outcome> wait() const { return wait_ms(WODE_FOR_EVER); }
    /// Nullopt: not ended in time.
    std::optional<Outcome> wait_for(std::chrono::nanoseconds timeout) const
    {
        return wait_ms(detail::whole_ms(timeout));
    }

    /// Waits for the result; a failure has the reason as its code.
    template <class T>
    Result<T> result() const
    {
        std::optional<Outcome> outcome = wait();
        if (outcome) return outcome->result<T>();
        return fail("paused", "it is paused by the job that waits for it; resume it before");
    }

    void cancel() const { wode_job_cancel(*job_, WODE_NO_GRACE); }
    void cancel(std::chrono::nanoseconds grace) const { wode_job_cancel(*job_, detail::whole_ms(grace)); }
    void pause() const { wode_job_pause(*job_); }
    void resume() const { wode_job_resume(*job_); }

    wode_job handle() const { return *job_; }

private:
    std::optional<Outcome> wait_ms(std::uint64_t timeout_ms) const
    {
        detail::Scratch scratch;
        wode_outcome outcome;
        if (!wode_job_wait(*job_, timeout_ms, &outcome)) return std::nullopt;
        return Outcome::from_c(outcome);
    }

    std::optional<wode_job> job_;
};

namespace jobs {

namespace detail {

inline Result<Job> submit_ms(const Dispatch &what, std::uint64_t timeout_ms)
{
    wodehost::detail::Scratch scratch;
    wode_dispatch lowered = WODEHOST_TRY(what.lower());
    wode_job job;
    WODEHOST_TRY(wodehost::detail::done(wode_jobs_submit_within(&lowered, timeout_ms, &job)));
    return Job(job);
}

} // namespace detail

/// Queues a job and returns at once. A failure's code is the name of the contract's
/// submit error: `no-slot`, `limit` …
inline Result<Job> submit(const Dispatch &what)
{
    return detail::submit_ms(what, WODE_FOR_EVER);
}

/// Returns when the job has started, or why it has not.
inline Result<Job> submit_within(const Dispatch &what, std::chrono::nanoseconds timeout)
{
    return detail::submit_ms(what, wodehost::detail::whole_ms(timeout));
}

/// The index of a job that ended; nullopt: the timeout passed. No timeout: for ever.
inline std::optional<std::size_t> wait_any(const std::vector<const Job *> &jobs,
                                           std::optional<std::chrono::nanoseconds> timeout = std::nullopt)
{
    std::vector<wode_job> handles;
    for (const Job *job : jobs) handles.push_back(job->handle());
    std::uint64_t timeout_ms = timeout ? wodehost::detail::whole_ms(*timeout) : WODE_FOR_EVER;
    std::int64_t index = wode_jobs_wait_any(handles.data(), handles.size(), timeout_ms);
    return index < 0 ? std::nullopt : std::optional<std::size_t>(index);
}

/// One worker over many items, a few at a time; `take(Result<R>)` gets the results in the
/// order of the items. Where the host has no room for another job, the oldest is waited for.
template <class R, class Items, class Take>
void map(const Dispatch &like, const Items &items, Take take, std::size_t in_flight = 16)
{
    std::deque<Result<Job>> submitted;
    auto take_oldest = [&] {
        Result<Job> oldest = std::move(submitted.front());
        submitted.pop_front();
        if (oldest) take(oldest->template result<R>());
        else take(Result<R>(std::unexpected(std::move(oldest.error()))));
    };
    auto may_ease = [&] {
        for (const auto &job : submitted)
            if (job) return true;
        return false;
    };
    for (const auto &item : items) {
        while (!submitted.empty() && submitted.size() >= in_flight) take_oldest();
        Dispatch what = like;
        what.add(item);
        Result<Job> job = submit(what);
        while (!job && job.error().code() == "limit" && may_ease()) {
            take_oldest();
            job = submit(what);
        }
        submitted.push_back(std::move(job));
    }
    while (!submitted.empty()) take_oldest();
}

template <class R, class Items, class Take>
void map(const std::string &worker, const Items &items, Take take, std::size_t in_flight = 16)
{
    map<R>(Dispatch(worker), items, std::move(take), in_flight);
}

} // namespace jobs
} // namespace wodehost
