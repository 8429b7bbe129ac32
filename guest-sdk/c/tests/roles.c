/* Entry points, as the host calls them. */
#include <string.h>

#include "check.h"
#include "host.h"

static const wode_answer *run(const char *hex)
{
    wode_value job = from_hex(hex);
    return wode_export_run(job.bytes, job.size);
}

static const char *list_hex(wode_list list)
{
    return to_hex(wode_bin(list.start, list.size));
}

static wode_list list_of(wode_value value)
{
    wode_value encoded = wode_encode(value);
    return (wode_list){encoded.bytes, encoded.size};
}

static wode_list list_of_text(const char *text)
{
    return (wode_list){text, strlen(text)};
}

TEST(a_worker_answers_with_its_result_or_its_failure)
{
    const wode_answer *answer = run("920304");
    CHECK(answer->is_error);
    CHECK_TEXT(wode_code(wode_fail_value(wode_decode(answer->list.start, answer->list.size))), "not-set-up");

    const wode_answer *set_up = wode_export_set_up();
    CHECK(!set_up->is_error);
    answer = run("920304");
    CHECK(!answer->is_error);
    CHECK_TEXT(list_hex(answer->list), "07");

    answer = run("9203a161");
    CHECK(answer->is_error);
    wode_value failure = wode_fail_value(wode_decode(answer->list.start, answer->list.size));
    CHECK_FAILURE(failure, "bad-argument", "item 1: expected an integer of 32 bits, found a string");
}

TEST(what_is_no_value_is_a_failure_of_the_worker)
{
    const wode_answer *answer = run("92c1");
    CHECK(answer->is_error);
    wode_value failure = wode_fail_value(wode_decode(answer->list.start, answer->list.size));
    CHECK_TEXT(wode_code(failure), "bad-value");
}

TEST(memory_is_given_back_after_a_call)
{
    wode_export_post_run(NULL);
    void *before = wode_alloc(100);
    wode_export_post_run(NULL);
    const wode_answer *answer = run("920304");
    (void)answer;
    wode_export_post_run((void *)answer);
    CHECK(wode_alloc(100) == before);
}

/* As the contract's types lie in memory. */
typedef struct {
    uint8_t is_error;
    union {
        struct {
            uint8_t some;
            wode_abi_dispatch dispatch;
        } job;
        wode_list error;
    };
} next_answer;

TEST(a_producer_gives_jobs_then_failures_then_its_end)
{
    const next_answer *answer = wode_export_next();
    CHECK(!answer->is_error && answer->job.some);
    CHECK(answer->job.dispatch.worker.size == 1 && answer->job.dispatch.args.size == 1);
    CHECK(!answer->job.dispatch.options.some);
    const wode_list *args = answer->job.dispatch.args.start;
    CHECK_TEXT(list_hex(args[0]), "00");

    answer = wode_export_next();
    CHECK(answer->job.dispatch.options.some);
    CHECK_TEXT(list_hex(answer->job.dispatch.options.list), "81a77265747269657300");

    answer = wode_export_next();
    CHECK(answer->is_error);
    wode_value failure = wode_fail_value(wode_decode(answer->error.start, answer->error.size));
    CHECK_FAILURE(failure, "bad-value", "argument 1: at the value itself: a text that is not UTF-8");

    answer = wode_export_next();
    CHECK(answer->is_error);
    CHECK_TEXT(list_hex(answer->error), "a76e6f206d6f7265");

    answer = wode_export_next();
    CHECK(!answer->is_error && !answer->job.some);
}

TEST(a_consumer_gets_outcomes_and_what_was_emitted)
{
    struct {
        wode_list job;
        wode_abi_outcome outcome;
    } given = {
        .job = list_of(wode_int(5)),
        .outcome = {
            .id = list_of_text("j-1"),
            .worker = list_of_text("w"),
            .status = WODE_SUCCESS,
            .reason = list_of_text("returned"),
            .data = list_of(wode_int(10)),
            .attempts = 2,
            .message = {0, {NULL, 0}},
            .more = list_of(wode_map()),
        },
    };
    const wode_answer *answer = wode_export_consume(&given);
    CHECK(!answer->is_error);
    given.outcome.status = WODE_TIMEOUT;
    given.outcome.message = (wode_maybe_list){1, list_of_text("too slow")};
    answer = wode_export_consume(&given);
    CHECK(answer->is_error);

    wode_value seven = wode_encode(wode_int(7));
    answer = wode_export_on_emit("j-1", 3, 2, 9, seven.bytes, seven.size);
    CHECK(!answer->is_error);
    answer = wode_export_finish();
    CHECK(!answer->is_error);
    CHECK_TEXT(played.told, "log 2 5 j-1 w success returned - 2 10\n"
                          "log 2 5 j-1 w timeout returned too slow 2 10\n"
                          "log 2 j-1 2 9 7\n"
                          "log 2 2 outcomes\n");
}

typedef struct {
    uint8_t some;
    uint64_t wait_ms;
} admit_answer;

TEST(a_gate_says_go_or_how_long_to_wait)
{
    const admit_answer *answer = wode_export_admit();
    CHECK(!answer->some);
    played.config = wode_encode(WODE_MAP({"wait", wode_int(250)}));
    answer = wode_export_admit();
    CHECK(answer->some && answer->wait_ms == 250);
}
