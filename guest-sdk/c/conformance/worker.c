/* Does what a request says; docs/conformance.md is the list. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared.h"

#define MEBIBYTE (1024 * 1024)

static bool was_set_up;

WODE_SET_UP()
{
    was_set_up = true;
    return wode_nil();
}

/* ---- Answers -------------------------------------------------------------- */

/* What is said where the host refuses something. */
static wode_value told(wode_value refused, wode_value otherwise)
{
    if (!wode_failed(refused)) return otherwise;
    if (strcmp(wode_code(refused), "not-taken") != 0) return refused;
    return WODE_MAP({"refused", wode_text(wode_message(refused))});
}

static wode_value answer_of(const wode_outcome *outcome)
{
    return WODE_MAP({"id", wode_text(outcome->id)}, {"worker", wode_text(outcome->worker)},
                    {"status", wode_text(wode_status_name(outcome->status))},
                    {"reason", wode_text(outcome->reason)},
                    {"data", wode_as_it_came(outcome->data)},
                    {"attempts", wode_int(outcome->attempts)},
                    {"message", wode_text(outcome->message)});
}

/* ---- Values ---------------------------------------------------------------- */

static wode_value describe(wode_value with)
{
    (void)with;
    wode_value lacks = WODE_ARRAY(wode_text("huge"), wode_text("throw-in-cause"));
    return WODE_MAP({"conformance", wode_int(1)}, {"language", wode_text("c")}, {"lacks", lacks});
}

static wode_value echo(wode_value with)
{
    return with;
}

static wode_value null(wode_value with)
{
    (void)with;
    return wode_text(NULL);
}

static wode_value nan_(wode_value with)
{
    (void)with;
    return wode_f64(NAN);
}

static wode_value cyclic(wode_value with)
{
    (void)with;
    wode_value array = WODE_ARRAY(wode_nil());
    array.items[0] = array;
    return array;
}

static wode_value unsupported(wode_value with)
{
    (void)with;
    return WODE_ARRAY(wode_fail("inside", "a failure is no value"));
}

static wode_value raw(wode_value with)
{
    return with.kind == WODE_BIN ? wode_raw(with.bytes, with.size) : with;
}

static wode_value argument(wode_value with)
{
    int64_t n;
    WODE_TRY(WODE_ARGUMENTS(with, WODE_WHOLE(&n)));
    return wode_int(n);
}

static wode_value was_it_set_up(wode_value with)
{
    (void)with;
    return wode_bool(was_set_up);
}

/* ---- Ends ------------------------------------------------------------------- */

static wode_value fail(wode_value with)
{
    return wode_fail_value(with);
}

static wode_value throw_(wode_value with)
{
    const char *text;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&text)));
    conformance_middle(text);
    return wode_nil();
}

static wode_value trap(wode_value with)
{
    (void)with;
    __builtin_trap();
}

static wode_value exit_(wode_value with)
{
    (void)with;
    exit(3);
}

static wode_value spin(wode_value with)
{
    (void)with;
    for (volatile unsigned n = 0;; n++) {
    }
}

__attribute__((noinline)) static unsigned deeper(volatile unsigned *n)
{
    volatile unsigned mine = *n + 1;
    return mine == 0 ? 0 : deeper(&mine) + mine;
}

static wode_value recurse(wode_value with)
{
    (void)with;
    volatile unsigned n = 0;
    return wode_int(deeper(&n));
}

static wode_value allocate(wode_value with)
{
    uint64_t wanted;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&wanted)));
    char **kept = NULL;
    for (uint64_t done = 0; done < wanted; done += MEBIBYTE) {
        char **piece = malloc(MEBIBYTE);
        if (!piece) wode_panic("out of memory");
        memset(piece, 1, MEBIBYTE);
        *piece = (char *)kept;
        kept = piece;
    }
    return wode_uint(kept || wanted == 0 ? wanted : 0);
}

static wode_value stay_alive(wode_value with)
{
    uint64_t wanted, count = 0;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&wanted)));
    uint64_t start = wode_clock_now(), said = start;
    for (uint64_t now = start; now - start < wanted; now = wode_clock_now()) {
        if (now == said) continue;
        wode_task_keepalive();
        said = now;
        count++;
    }
    return wode_uint(count);
}

/* ---- The attempt -------------------------------------------------------------- */

static wode_value carry(wode_value with)
{
    if (wode_task_attempt() > 1) return wode_as_it_came(wode_task_data());
    WODE_TRY(wode_task_update(with));
    return wode_fail(NULL, "the first attempt fails");
}

static wode_value carry_and_trap(wode_value with)
{
    if (wode_task_attempt() > 1) return wode_as_it_came(wode_task_data());
    WODE_TRY(wode_task_update(with));
    __builtin_trap();
}

static wode_value data(wode_value with)
{
    (void)with;
    return wode_as_it_came(wode_task_data());
}

static wode_value update(wode_value with)
{
    return told(wode_task_update(with), wode_nil());
}

static wode_value update_large(wode_value with)
{
    uint32_t size;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&size)));
    char *text = wode_alloc(size + 1u);
    memset(text, 'a', size);
    text[size] = 0;
    return told(wode_task_update(wode_text(text)), wode_nil());
}

static wode_value success(wode_value with)
{
    WODE_TRY(wode_task_success(with));
    return wode_text("not reached");
}

static wode_value success_state(wode_value with)
{
    WODE_TRY(wode_task_update(with));
    wode_task_success_with_state();
}

static wode_value failure(wode_value with)
{
    WODE_TRY(wode_task_failure(with));
    return wode_text("not reached");
}

static wode_value failure_state(wode_value with)
{
    WODE_TRY(wode_task_update(with));
    wode_task_failure_with_state();
}

static wode_value restart(wode_value with)
{
    uint32_t wanted;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&wanted)));
    if (wode_task_attempt() < wanted) wode_task_restart();
    return wode_int(wode_task_attempt());
}

static wode_value facts(wode_value with)
{
    (void)with;
    uint64_t left = wode_task_retries_left();
    return WODE_MAP({"id", wode_text(wode_task_id())}, {"group", wode_text(wode_task_group())},
                    {"attempt", wode_int(wode_task_attempt())},
                    {"retries-left", left == WODE_WITHOUT_END ? wode_nil() : wode_uint(left)},
                    {"name", wode_text(wode_host_name())}, {"config", wode_host_config()},
                    {"stopping", wode_bool(wode_task_stopping())});
}

static wode_value env(wode_value with)
{
    const char *name;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&name)));
    return wode_text(wode_host_env(name));
}

static wode_value set_name(wode_value with)
{
    const char *name;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&name)));
    wode_task_set_name(name);
    return wode_text(wode_host_name());
}

static wode_value emit(wode_value with)
{
    if (with.kind != WODE_ARRAY) return wode_fail("bad-request", "an array is expected");
    for (uint32_t i = 0; i < with.size; i++) {
        wode_value refused = wode_task_emit(wode_as_it_came(with.items[i]));
        if (wode_failed(refused)) return told(refused, wode_nil());
    }
    return wode_int(with.size);
}

static wode_value wait_for_stop(wode_value with)
{
    (void)with;
    while (!wode_task_stopping()) {
        wode_task_keepalive();
        wode_clock_sleep(5);
    }
    return wode_text("stopped");
}

/* ---- Log, output, board, clock, random ------------------------------------------ */

static wode_value log_(wode_value with)
{
    (void)with;
    wode_log(WODE_ERROR, "an error");
    wode_log(WODE_WARN, "a warning");
    wode_log(WODE_INFO, "an information");
    wode_log(WODE_DEBUG, "a detail");
    return wode_nil();
}

static wode_value print(wode_value with)
{
    const char *text;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&text)));
    printf("%s\n", text);
    fprintf(stderr, "%s\n", text);
    return wode_nil();
}

static wode_value board(wode_value with)
{
    (void)with;
    wode_board_say("working");
    wode_board_look(WODE_LOOK_WARNING);
    wode_board_pin(true);
    wode_board_start(10);
    return wode_board_tick(3);
}

static wode_value board_end(wode_value with)
{
    WODE_TRY(board(with));
    wode_board_complete();
    wode_board_look(WODE_LOOK_SUCCESS);
    return wode_nil();
}

static wode_value board_clear(wode_value with)
{
    WODE_TRY(board(with));
    wode_board_clear();
    return wode_nil();
}

static wode_value tick_early(wode_value with)
{
    (void)with;
    return told(wode_board_tick(1), wode_nil());
}

static wode_value clock_(wode_value with)
{
    uint64_t ms;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&ms)));
    uint64_t before = wode_clock_now();
    wode_clock_sleep(ms);
    return WODE_ARRAY(wode_uint(before), wode_uint(wode_clock_now()));
}

static wode_value sleep_(wode_value with)
{
    uint64_t ms;
    WODE_TRY(WODE_READ(with, WODE_WHOLE(&ms)));
    wode_clock_sleep(ms);
    return wode_nil();
}

static wode_value random_(wode_value with)
{
    (void)with;
    uint8_t first[16], second[16];
    wode_random_bytes(first, sizeof first);
    wode_random_bytes(second, sizeof second);
    srand((unsigned)wode_random_seed());
    wode_value of_c = wode_f64(rand() / (RAND_MAX + 1.0));
    return wode_keep(WODE_ARRAY(wode_bin(first, 16), wode_bin(second, 16), of_c));
}

/* ---- Nested jobs ------------------------------------------------------------------ */

/* A request to this worker; `conformance` is what the suite calls it. */
static wode_dispatch to_itself(wode_value request)
{
    wode_dispatch job = wode_to("conformance");
    wode_arg(&job, request);
    return job;
}

static wode_value submit_request(wode_value request, wode_job *job)
{
    wode_dispatch what = to_itself(request);
    return wode_jobs_submit(&what, job);
}

static wode_value request(const char *what, wode_value with)
{
    return WODE_MAP({"do", wode_text(what)}, {"with", with});
}

static wode_value await(wode_job job)
{
    wode_outcome outcome;
    if (!wode_job_wait(job, WODE_FOR_EVER, &outcome)) return wode_fail("paused", "it is paused");
    return answer_of(&outcome);
}

static wode_value submit(wode_value with)
{
    wode_job job;
    WODE_TRY(submit_request(with, &job));
    return await(job);
}

static wode_value submit_to(wode_value with)
{
    const char *worker;
    wode_value argument, options = wode_nil();
    WODE_TRY(WODE_READ(with, WODE_ITEM(0, &worker), WODE_ITEM(1, &argument), WODE_ITEM_OR(2, &options)));
    wode_dispatch what = wode_to(worker);
    wode_arg(&what, wode_as_it_came(argument));
    what.options = options;
    wode_job job;
    wode_value refused = wode_jobs_submit(&what, &job);
    if (!wode_failed(refused)) return await(job);
    const char *name = wode_code(refused);
    bool has_text = strcmp(name, "no-slot") != 0 && strcmp(name, "closed") != 0;
    return WODE_MAP({"refused", wode_text(name)},
                    {"text", has_text ? wode_text(wode_message(refused)) : wode_nil()});
}

static wode_value submit_many(wode_value with)
{
    if (with.kind != WODE_ARRAY) return wode_fail("bad-request", "an array is expected");
    wode_job *jobs = wode_alloc(with.size * sizeof *jobs);
    for (uint32_t i = 0; i < with.size; i++) WODE_TRY(submit_request(with.items[i], &jobs[i]));
    wode_value answers = wode_array();
    for (uint32_t i = 0; i < with.size; i++) {
        wode_outcome outcome;
        if (!wode_job_wait(jobs[i], WODE_FOR_EVER, &outcome)) return wode_fail("paused", "it is paused");
        wode_push(&answers, wode_as_it_came(outcome.data));
    }
    return answers;
}

static wode_value wait_any(wode_value with)
{
    wode_job jobs[2];
    WODE_TRY(submit_request(request("sleep", wode_int(2000)), &jobs[0]));
    WODE_TRY(submit_request(request("echo", with), &jobs[1]));
    int64_t index = wode_jobs_wait_any(jobs, 2, WODE_FOR_EVER);
    if (index < 0) return wode_fail("paused", "none ended");
    wode_job_cancel(jobs[1 - index], WODE_NO_GRACE);
    wode_outcome outcome;
    if (!wode_job_wait(jobs[index], WODE_FOR_EVER, &outcome)) return wode_fail("paused", "it is paused");
    return WODE_ARRAY(wode_int(index), wode_as_it_came(outcome.data));
}

static wode_value wait_timeout(wode_value with)
{
    (void)with;
    wode_job job;
    wode_outcome outcome;
    WODE_TRY(submit_request(request("sleep", wode_int(500)), &job));
    bool ended = wode_job_wait(job, 10, &outcome);
    return WODE_ARRAY(wode_bool(ended), wode_bool(wode_job_done(job)));
}

static wode_value cancel(wode_value with)
{
    (void)with;
    wode_job job;
    WODE_TRY(submit_request(request("sleep", wode_int(60000)), &job));
    wode_job_cancel(job, WODE_NO_GRACE);
    return await(job);
}

static wode_value pause_(wode_value with)
{
    wode_job job;
    WODE_TRY(submit_request(request("echo", with), &job));
    wode_job_pause(job);
    wode_job_resume(job);
    return await(job);
}

static wode_value submit_within(wode_value with)
{
    wode_dispatch what = to_itself(request("echo", with));
    wode_job job;
    WODE_TRY(wode_jobs_submit_within(&what, 10000, &job));
    return await(job);
}

static wode_value through(wode_value with)
{
    wode_value value, workers;
    WODE_TRY(WODE_READ(with, WODE_ITEM(0, &value), WODE_ITEM(1, &workers)));
    if (workers.kind != WODE_ARRAY) return wode_fail("bad-request", "an array of workers is expected");
    if (workers.size == 0) return wode_as_it_came(value);
    const char *worker;
    WODE_TRY(WODE_READ(workers, WODE_ITEM(0, &worker)));
    wode_value rest = wode_array_of(workers.items + 1, workers.size - 1);
    wode_dispatch what = wode_to(worker);
    wode_arg(&what, request("through", WODE_ARRAY(wode_as_it_came(value), rest)));
    wode_job job;
    WODE_TRY(wode_jobs_submit(&what, &job));
    wode_outcome outcome;
    if (!wode_job_wait(job, WODE_FOR_EVER, &outcome)) return wode_fail("paused", "it is paused");
    wode_value data = wode_as_it_came(outcome.data);
    return outcome.status == WODE_SUCCESS ? data : wode_fail_value(data);
}

/* ---- Requests --------------------------------------------------------------------- */

static const struct {
    const char *name;
    wode_value (*answer)(wode_value with);
} requests[] = {
    {"describe", describe}, {"echo", echo}, {"fail", fail}, {"throw", throw_},
    {"trap", trap}, {"exit", exit_}, {"null", null}, {"nan", nan_},
    {"cyclic", cyclic}, {"unsupported", unsupported}, {"raw", raw}, {"argument", argument},
    {"spin", spin}, {"recurse", recurse}, {"allocate", allocate}, {"stay-alive", stay_alive},
    {"carry", carry}, {"carry-and-trap", carry_and_trap}, {"data", data}, {"update", update},
    {"update-large", update_large}, {"success", success}, {"success-state", success_state},
    {"failure", failure}, {"failure-state", failure_state}, {"restart", restart},
    {"facts", facts}, {"env", env}, {"set-name", set_name}, {"emit", emit}, {"log", log_},
    {"print", print}, {"board", board}, {"board-end", board_end}, {"board-clear", board_clear},
    {"tick-early", tick_early}, {"clock", clock_}, {"random", random_},
    {"wait-for-stop", wait_for_stop}, {"submit", submit}, {"submit-to", submit_to},
    {"submit-many", submit_many}, {"wait-any", wait_any}, {"wait-timeout", wait_timeout},
    {"cancel", cancel}, {"pause", pause_}, {"submit-within", submit_within}, {"sleep", sleep_},
    {"through", through}, {"set-up", was_it_set_up},
};

WODE_WORKER(job)
{
    wode_value what = wode_get(job, "do"), with = wode_get(job, "with");
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (wode_is_text(what, requests[i].name)) return requests[i].answer(with);
    return wode_fail("bad-request", "no request of the conformance suite");
}
