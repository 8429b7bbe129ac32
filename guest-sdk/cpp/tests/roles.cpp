/// Entry points and calls.
#include "check.hpp"

using namespace wodehost;
using namespace std::chrono_literals;

struct Account {
    int id = 0;
};
WODEHOST_RECORD(Account, id)

static bool is_set_up;
static void set_up() { is_set_up = true; }
WODEHOST_SET_UP(set_up)

static Result<std::string> repeat(const std::string &text, int times)
{
    if (times < 0) return fail("negative", "times is negative");
    std::string repeated;
    for (int i = 0; i < times; i++) repeated += text;
    return repeated;
}
WODEHOST_WORKER(repeat)

struct Countdown {
    int left = 2;

    Result<std::optional<Dispatch>> next()
    {
        left--;
        if (left == -1) return fail("negative", "below zero");
        if (left == -2) return std::nullopt;
        return Dispatch("w").arg(Account{left}).arg("x").option("retries", 1).option("retries", 0);
    }
};
WODEHOST_PRODUCER(Countdown)

struct Report {
    int sum = 0;

    Result<void> consume(const Account &account, const Outcome &outcome)
    {
        sum += WODEHOST_TRY(outcome.result<int>());
        log::info(std::to_string(account.id) + " " + outcome.worker + " " + name_of(outcome.status));
        return {};
    }

    void on_emit(const Emitted &emitted) { log::info(emitted.job_id + " " + std::to_string(*emitted.data<int>())); }

    void finish() { log::info(std::to_string(sum)); }
};
WODEHOST_CONSUMER(Report)

static std::optional<std::chrono::milliseconds> hold()
{
    return host::env("HOLD") ? std::optional(250ms) : std::nullopt;
}
WODEHOST_GATE(hold)

static std::string run(const char *job)
{
    Bytes bytes = bytes_of(job);
    auto *answer = static_cast<const wode_answer *>(wode_export_run(bytes.data(), bytes.size()));
    std::string hex = to_hex(wode_bin(answer->list.start, answer->list.size));
    if (!answer->is_error) return hex;
    return told(Result<int>(std::unexpected(
        Failure::from_c(wode_fail_value(wode_decode(answer->list.start, answer->list.size))))));
}

TEST(a_worker_takes_as_many_arguments_as_it_has_parameters)
{
    CHECK_SAME(run("92a2686f03"), "a6686f686f686f");
    CHECK_SAME(run("92a161ff"), "negative: times is negative");
    CHECK_SAME(run("92a161a162"), "bad-argument: at `[1]`: expected an integer of 32 bits, found a string");
    CHECK_SAME(run("91a161"), "bad-argument: expected an array of length 2, found an array of length 1");
    wode_export_set_up();
    CHECK(is_set_up);
}

/// As the contract's types lie in memory.
struct NextAnswer {
    std::uint8_t is_error;
    union {
        struct {
            std::uint8_t some;
            wode_abi_dispatch dispatch;
        } job;
        wode_list error;
    };
};

TEST(a_producer_gives_jobs_then_a_failure_then_its_end)
{
    for (const char *id : {"81a2696401", "81a2696400"}) {
        auto *answer = static_cast<const NextAnswer *>(wode_export_next());
        CHECK(!answer->is_error && answer->job.some && answer->job.dispatch.args.size == 2);
        auto *args = static_cast<const wode_list *>(answer->job.dispatch.args.start);
        CHECK_SAME(to_hex(wode_bin(args[0].start, args[0].size)), id);
        const wode_list &options = answer->job.dispatch.options.list;
        CHECK_SAME(to_hex(wode_bin(options.start, options.size)), "81a77265747269657300");
    }
    CHECK(static_cast<const NextAnswer *>(wode_export_next())->is_error);
    auto *answer = static_cast<const NextAnswer *>(wode_export_next());
    CHECK(!answer->is_error && !answer->job.some);
}

static wode_list list_of(const char *hex)
{
    wode_value bytes = from_hex(hex);
    return wode_list{bytes.bytes, bytes.size};
}

TEST(a_consumer_gets_outcomes_and_what_was_emitted)
{
    struct {
        wode_list job;
        wode_abi_outcome outcome;
    } given{};
    given.job = list_of("81a2696409");
    given.outcome.worker = wode_list{"w", 1};
    given.outcome.status = WODE_SUCCESS;
    given.outcome.data = list_of("05");
    given.outcome.more = list_of("80");
    CHECK(!static_cast<const wode_answer *>(wode_export_consume(&given))->is_error);
    given.outcome.status = WODE_FAILED;
    CHECK(static_cast<const wode_answer *>(wode_export_consume(&given))->is_error);
    given.job = list_of("07");
    CHECK(static_cast<const wode_answer *>(wode_export_consume(&given))->is_error);
    wode_list value = list_of("07");
    CHECK(!static_cast<const wode_answer *>(
               wode_export_on_emit("j", 1, 1, 1, static_cast<const std::uint8_t *>(value.start), value.size))->is_error);
    CHECK(!static_cast<const wode_answer *>(wode_export_finish())->is_error);
    CHECK_SAME(played.told, "log 2 9 w success\nlog 2 j 7\nlog 2 5\n");
}

TEST(a_gate_says_go_or_how_long_to_wait)
{
    struct Admission {
        std::uint8_t some;
        std::uint64_t wait_ms;
    };
    CHECK(!static_cast<const Admission *>(wode_export_admit())->some);
    played.variable = "yes";
    auto *answer = static_cast<const Admission *>(wode_export_admit());
    CHECK(answer->some && answer->wait_ms == 250);
}

TEST(calls_reach_the_host)
{
    played.config = wode_encode(write(Account{3}));
    CHECK(host::config<Account>()->id == 3);
    CHECK_SAME(told(host::config<int>()), "bad-config: expected an integer of 32 bits, found a map");
    CHECK(!host::env("X") && task::retries_left() == 3u && task::id() == "job" && task::group().empty());
    played.retries_left = WODE_WITHOUT_END;
    CHECK(!task::retries_left());
    CHECK(!*checkpoint::load<int>());
    played.saved = wode_encode(wode_int(5));
    CHECK(*checkpoint::load<int>() == 5);
    CHECK(task::update(Account{1}) && task::emit(2) && checkpoint::save(3) && board::tick(4));
    clock::sleep(1500us);
    CHECK(clock::now().time_since_epoch() == 1s);
    CHECK(random::bytes(3) == (Bytes{7, 7, 7}));
    CHECK_SAME(played.told, "env X\nupdate 81a2696401\nemit 02\nsave 03\ntick 4\nsleep 2\nrandom 3\n");
    played.refusal = "too large";
    CHECK_SAME(told(task::update(1)), "not-taken: too large");
    CHECK_SAME(told(task::emit(std::string("\xff"))), "bad-value: at the value itself: a text that is not UTF-8");
}

static void succeed() { (void)task::success(5); }
static void give_up() { (void)task::failure("x"); }
static void stop() { panic("stopped"); }

TEST(an_attempt_can_end_early)
{
    CHECK_SAME(panic_of(succeed), "success 05");
    CHECK_SAME(panic_of(give_up), "failure a178");
    CHECK_SAME(panic_of(stop), "stopped\n");
}

TEST(jobs_are_submitted_waited_for_and_dropped)
{
    {
        auto job = jobs::submit(Dispatch("w").arg(1));
        CHECK(job && job->id() == "j-0" && *job->result<int>() == 0);
        auto other = jobs::submit_within(Dispatch("w"), 20ms);
        CHECK(other && other->wait_for(10ms)->is_success());
        CHECK(jobs::wait_any({&*job, &*other}) == 1u && !jobs::wait_any({&*job}, 5ms));
        other->cancel();
        other->cancel(50ms);
    }
    CHECK_SAME(played.told, "submit w 01\nwait 0, 0 0\nsubmit w within 20\nwait 1, 1 10\nwait-any 0 of 2, 0 0\n"
                            "wait-any 0 of 1, 1 5\ncancel 1, 0 0\ncancel 1, 1 50\ndrop 1\ndrop 0\n");
    played.submit_error = 2;
    CHECK_SAME(told(jobs::submit(Dispatch("w"))), "limit: why");
    CHECK_SAME(told(jobs::submit(Dispatch("w").arg("\xff"))),
               "bad-value: argument 1: at the value itself: a text that is not UTF-8");
}

TEST(map_gives_results_in_order_and_waits_where_there_is_no_room)
{
    played.places = 3;
    played.failing_job = 7;
    std::vector<int> items(20), results;
    jobs::map<int>("w", items, [&](Result<int> result) { results.push_back(result ? *result : -1); });
    CHECK(results.size() == 20 && results[0] == 0 && results[6] == 12 && results[7] == -1 && results[19] == 38);
    played.places = 0;
    std::string code;
    jobs::map<int>("w", std::vector<int>{1}, [&](Result<int> result) { code = result.error().code(); });
    CHECK_SAME(code, "limit");
}
