/// Does what a request says; docs/conformance.md is the list.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include "shared.hpp"

using namespace wodehost;
using namespace std::chrono_literals;

using Answer = Result<Value>;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

bool was_set_up = false;

/// A value as another type.
template <class T>
Result<T> as(const Value &value)
{
    return read_as<T>(write(value), "bad-value");
}

/// What is said where the host refuses something.
Answer told(const Result<void> &taken)
{
    if (taken) return Nil{};
    if (taken.error().code() != "not-taken") return std::unexpected(taken.error());
    return Map{{"refused", taken.error().message()}};
}

template <class T>
Value or_nil(const std::optional<T> &value)
{
    return value ? Value(*value) : Value();
}

/// What a job left; it is there unless the job is paused.
Result<Outcome> outcome_of(const Job &job)
{
    std::optional<Outcome> outcome = job.wait();
    if (outcome) return *std::move(outcome);
    return fail("paused", "it is paused");
}

Answer answer_of(const Job &job)
{
    auto outcome = WODEHOST_TRY(outcome_of(job));
    return Map{{"id", outcome.id},
               {"worker", outcome.worker},
               {"status", name_of(outcome.status)},
               {"reason", outcome.reason},
               {"data", outcome.raw_data},
               {"attempts", outcome.attempts},
               {"message", or_nil(outcome.message)}};
}

/// A request to this worker; `conformance` is what the suite calls it.
Dispatch to_itself(const Value &request)
{
    return Dispatch("conformance").arg(request);
}

Result<Job> submit_request(const Value &request)
{
    return jobs::submit(to_itself(request));
}

Value request(const char *what, Value with)
{
    return Map{{"do", what}, {"with", std::move(with)}};
}

// ---- Values ----------------------------------------------------------------

Answer describe(const Value &)
{
    return Map{{"conformance", 1},
               {"language", "cpp"},
               {"lacks", Array{"huge", "cyclic", "unsupported", "throw-in-cause"}}};
}

Answer echo(const Value &with) { return with; }
Answer null(const Value &) { return or_nil(std::optional<int>()); }
Answer nan(const Value &) { return std::nan(""); }
Answer was_it_set_up(const Value &) { return was_set_up; }

Answer raw(const Value &with)
{
    return Raw{WODEHOST_TRY(as<Bytes>(with))};
}

Answer argument(const Value &with)
{
    return WODEHOST_TRY(read_as<std::int64_t>(write(with), "bad-argument"));
}

// ---- Ends ------------------------------------------------------------------

Answer fail_with(const Value &with) { return std::unexpected(Failure::of(with)); }

Answer throw_text(const Value &with)
{
    conformance_middle(WODEHOST_TRY(as<std::string>(with)));
    return Nil{};
}

Answer trap(const Value &) { __builtin_trap(); }
Answer leave(const Value &) { std::exit(3); }

Answer spin(const Value &)
{
    for (volatile unsigned n = 0;; n = n + 1) {
    }
}

[[gnu::noinline]] unsigned deeper(volatile unsigned &n)
{
    volatile unsigned mine = n + 1;
    return mine == 0 ? 0 : deeper(mine) + mine;
}

Answer recurse(const Value &)
{
    volatile unsigned n = 0;
    return deeper(n);
}

Answer allocate(const Value &with)
{
    auto wanted = WODEHOST_TRY(as<std::size_t>(with));
    std::vector<std::vector<char>> kept;
    for (std::size_t done = 0; done < wanted; done += mebibyte) kept.emplace_back(mebibyte, 'x');
    return kept.empty() || kept.back().back() == 'x' ? wanted : 0;
}

Answer stay_alive(const Value &with)
{
    auto wanted = std::chrono::milliseconds(WODEHOST_TRY(as<int>(with)));
    auto start = clock::now(), said = start;
    int count = 0;
    for (auto now = start; now - start < wanted; now = clock::now()) {
        if (now == said) continue;
        task::keepalive();
        said = now;
        count++;
    }
    return count;
}

// ---- The attempt -----------------------------------------------------------

Answer data(const Value &) { return task::data<Value>(); }

Answer carry(const Value &with)
{
    if (task::attempt() > 1) return data(with);
    WODEHOST_TRY(task::update(with));
    return fail("the first attempt fails");
}

Answer carry_and_trap(const Value &with)
{
    if (task::attempt() > 1) return data(with);
    WODEHOST_TRY(task::update(with));
    __builtin_trap();
}

Answer update(const Value &with) { return told(task::update(with)); }

Answer update_large(const Value &with)
{
    return told(task::update(std::string(WODEHOST_TRY(as<std::size_t>(with)), 'a')));
}

Answer success(const Value &with) { return task::success(with); }
Answer failure(const Value &with) { return task::failure(with); }

Answer success_state(const Value &with)
{
    WODEHOST_TRY(task::update(with));
    task::success_with_state();
}

Answer failure_state(const Value &with)
{
    WODEHOST_TRY(task::update(with));
    task::failure_with_state();
}

Answer restart(const Value &with)
{
    if (task::attempt() < WODEHOST_TRY(as<std::uint32_t>(with))) task::restart();
    return task::attempt();
}

Answer facts(const Value &)
{
    return Map{{"id", task::id()},
               {"group", task::group()},
               {"attempt", task::attempt()},
               {"retries-left", or_nil(task::retries_left())},
               {"name", host::name()},
               {"config", WODEHOST_TRY(host::config<Value>())},
               {"stopping", task::stopping()}};
}

Answer env(const Value &with) { return or_nil(host::env(WODEHOST_TRY(as<std::string>(with)))); }

Answer set_name(const Value &with)
{
    task::set_name(WODEHOST_TRY(as<std::string>(with)));
    return host::name();
}

Answer emit(const Value &with)
{
    auto values = WODEHOST_TRY(as<Array>(with));
    for (const Value &value : values)
        if (auto sent = task::emit(value); !sent) return told(sent);
    return values.size();
}

Answer wait_for_stop(const Value &)
{
    while (!task::stopping()) {
        task::keepalive();
        clock::sleep(5ms);
    }
    return "stopped";
}

// ---- Log, output, board, clock, random --------------------------------------

Answer write_log(const Value &)
{
    log::error("an error");
    log::warn("a warning");
    log::info("an information");
    log::debug("a detail");
    return Nil{};
}

Answer print(const Value &with)
{
    auto text = WODEHOST_TRY(as<std::string>(with));
    std::printf("%s\n", text.c_str());
    std::fprintf(stderr, "%s\n", text.c_str());
    return Nil{};
}

Answer work_on_board(const Value &)
{
    board::say("working");
    board::look(board::Look::warning);
    board::pin(true);
    board::start(10);
    WODEHOST_TRY(board::tick(3));
    return Nil{};
}

Answer board_end(const Value &with)
{
    WODEHOST_TRY(work_on_board(with));
    board::complete();
    board::look(board::Look::success);
    return Nil{};
}

Answer board_clear(const Value &with)
{
    WODEHOST_TRY(work_on_board(with));
    board::clear();
    return Nil{};
}

Answer tick_early(const Value &) { return told(board::tick(1)); }

Answer read_clock(const Value &with)
{
    auto before = clock::now();
    clock::sleep(std::chrono::milliseconds(WODEHOST_TRY(as<int>(with))));
    return Array{before.time_since_epoch().count(), clock::now().time_since_epoch().count()};
}

Answer sleep(const Value &with)
{
    clock::sleep(std::chrono::milliseconds(WODEHOST_TRY(as<int>(with))));
    return Nil{};
}

Answer draw(const Value &)
{
    std::mt19937_64 dice(random::seed());
    double drawn = std::uniform_real_distribution<double>()(dice);
    return Array{random::bytes(16), random::bytes(16), drawn};
}

// ---- Nested jobs -------------------------------------------------------------

Answer submit(const Value &with) { return answer_of(WODEHOST_TRY(submit_request(with))); }

Answer submit_to(const Value &with)
{
    auto [worker, given, options] = WODEHOST_TRY((as<std::tuple<std::string, Value, std::optional<Map>>>(with)));
    Dispatch what = Dispatch(worker).arg(given);
    if (options)
        for (const auto &[key, value] : *options) what.set(WODEHOST_TRY(as<std::string>(key)), value);
    auto job = jobs::submit(what);
    if (job) return answer_of(*job);
    const std::string &name = job.error().code();
    bool has_text = name != "no-slot" && name != "closed";
    return Map{{"refused", name}, {"text", has_text ? Value(job.error().message()) : Value()}};
}

Answer submit_many(const Value &with)
{
    std::vector<Job> submitted;
    for (const Value &request : WODEHOST_TRY(as<Array>(with)))
        submitted.push_back(WODEHOST_TRY(submit_request(request)));
    Array answers;
    for (const Job &job : submitted) answers.push_back(WODEHOST_TRY(outcome_of(job)).raw_data);
    return answers;
}

Answer wait_any(const Value &with)
{
    Job slow = WODEHOST_TRY(submit_request(request("sleep", 2000)));
    Job quick = WODEHOST_TRY(submit_request(request("echo", with)));
    auto index = jobs::wait_any({&slow, &quick});
    if (!index) return fail("paused", "none ended");
    (*index == 0 ? quick : slow).cancel();
    return Array{*index, WODEHOST_TRY(outcome_of(*index == 0 ? slow : quick)).raw_data};
}

Answer wait_timeout(const Value &)
{
    Job job = WODEHOST_TRY(submit_request(request("sleep", 500)));
    bool ended = job.wait_for(10ms).has_value();
    return Array{ended, job.done()};
}

Answer cancel(const Value &)
{
    Job job = WODEHOST_TRY(submit_request(request("sleep", 60000)));
    job.cancel();
    return answer_of(job);
}

Answer pause(const Value &with)
{
    Job job = WODEHOST_TRY(submit_request(request("echo", with)));
    job.pause();
    job.resume();
    return answer_of(job);
}

Answer submit_within(const Value &with)
{
    return answer_of(WODEHOST_TRY(jobs::submit_within(to_itself(request("echo", with)), 10s)));
}

Answer through(const Value &with)
{
    auto [value, workers] = WODEHOST_TRY((as<std::tuple<Value, std::vector<std::string>>>(with)));
    if (workers.empty()) return value;
    Array rest(workers.begin() + 1, workers.end());
    Dispatch what = Dispatch(workers.front()).arg(request("through", Array{value, rest}));
    auto outcome = WODEHOST_TRY(outcome_of(WODEHOST_TRY(jobs::submit(what))));
    if (outcome.is_success()) return outcome.raw_data;
    return std::unexpected(Failure::of(outcome.raw_data));
}

// ---- Requests -----------------------------------------------------------------

const struct {
    const char *name;
    Answer (*answer)(const Value &with);
} requests[] = {
    {"describe", describe}, {"echo", echo}, {"fail", fail_with}, {"throw", throw_text}, {"trap", trap},
    {"exit", leave}, {"null", null}, {"nan", nan}, {"raw", raw}, {"argument", argument}, {"spin", spin},
    {"recurse", recurse}, {"allocate", allocate}, {"stay-alive", stay_alive}, {"carry", carry},
    {"carry-and-trap", carry_and_trap}, {"data", data}, {"update", update}, {"update-large", update_large},
    {"success", success}, {"success-state", success_state}, {"failure", failure},
    {"failure-state", failure_state}, {"restart", restart}, {"facts", facts}, {"env", env},
    {"set-name", set_name}, {"emit", emit}, {"log", write_log}, {"print", print}, {"board", work_on_board},
    {"board-end", board_end}, {"board-clear", board_clear}, {"tick-early", tick_early}, {"clock", read_clock},
    {"random", draw}, {"wait-for-stop", wait_for_stop}, {"submit", submit}, {"submit-to", submit_to},
    {"submit-many", submit_many}, {"wait-any", wait_any}, {"wait-timeout", wait_timeout}, {"cancel", cancel},
    {"pause", pause}, {"submit-within", submit_within}, {"sleep", sleep}, {"through", through},
    {"set-up", was_it_set_up},
};

Answer answer(const Value &job)
{
    for (const auto &[name, answer] : requests)
        if (job["do"] == name) return answer(job["with"]);
    return fail("bad-request", "no request of the conformance suite");
}

void set_up() { was_set_up = true; }

} // namespace

WODEHOST_WORKER(answer)
WODEHOST_SET_UP(set_up)
