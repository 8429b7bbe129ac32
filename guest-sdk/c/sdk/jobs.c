/* Jobs: how they are described, submitted and waited for, and how they end. */
#include <string.h>

#include "imports.h"

/* ---- Dispatches ----------------------------------------------------------- */

wode_dispatch wode_to(const char *worker)
{
    return (wode_dispatch){worker, wode_array(), wode_nil()};
}

void wode_arg(wode_dispatch *job, wode_value argument)
{
    wode_push(&job->args, argument);
}

void wode_option(wode_dispatch *job, const char *key, wode_value value)
{
    if (job->options.kind != WODE_MAP) job->options = wode_map();
    wode_set(&job->options, key, value);
}

wode_value wode_lower_dispatch(const wode_dispatch *from, wode_abi_dispatch *to)
{
    wode_list *args = wode_alloc(from->args.size * sizeof *args);
    for (uint32_t i = 0; i < from->args.size; i++) {
        wode_value argument = from->args.items[i];
        if (wode_failed(argument)) return argument;
        wode_value encoded = wode_encode(argument);
        if (wode_failed(encoded))
            return wode_problem("bad-value", "argument ", wode_digits(i + 1u), ": ",
                                wode_message(encoded), NULL);
        args[i] = (wode_list){encoded.bytes, encoded.size};
    }
    to->worker = (wode_list){from->worker, strlen(from->worker)};
    to->args = (wode_list){args, from->args.size};
    to->options.some = from->options.kind != WODE_NIL;
    if (to->options.some) {
        wode_value encoded = wode_encode(from->options);
        if (wode_failed(encoded))
            return wode_problem("bad-value", "the options: ", wode_message(encoded), NULL);
        to->options.list = (wode_list){encoded.bytes, encoded.size};
    }
    return wode_nil();
}

/* ---- Outcomes -------------------------------------------------------------- */

const char *wode_status_name(wode_status status)
{
    static const char *const names[] = {"unspecified", "success",  "failure",  "timeout",
                                        "mixed",       "rejected", "cancelled"};
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unspecified";
}

void wode_lift_outcome(const wode_abi_outcome *from, wode_outcome *to)
{
    *to = (wode_outcome){
        .id = wode_host_text(from->id),
        .worker = wode_host_text(from->worker),
        .status = (wode_status)from->status,
        .reason = wode_host_text(from->reason),
        .message = from->message.some ? wode_host_text(from->message.list) : NULL,
        .attempts = from->attempts,
        .data = wode_lift(from->data),
        .more = wode_lift(from->more),
    };
}

wode_value wode_result(const wode_outcome *outcome)
{
    if (outcome->status == WODE_SUCCESS) return outcome->data;
    const char *colon = outcome->message ? ": " : "";
    const char *message = outcome->message ? outcome->message : "";
    return wode_problem(outcome->reason, "job ", outcome->id, " of `", outcome->worker,
                        "` gave no result: ", outcome->reason, colon, message, NULL);
}

/* ---- Nested jobs ----------------------------------------------------------- */

/* The cases of submit-error, in the contract's order, and what they mean where the
 * host adds no text. */
static const struct {
    const char *name;
    const char *without_text;
} submit_errors[] = {
    {"no-slot", "no slot came free in time"},
    {"gate", NULL},
    {"limit", NULL},
    {"closed", "the host takes no more jobs"},
    {"unknown-worker", NULL},
    {"bad-value", NULL},
    {"bad-options", NULL},
    {"not-permitted", NULL},
};

wode_value wode_jobs_submit_within(const wode_dispatch *what, uint64_t timeout_ms, wode_job *job)
{
    wode_abi_dispatch lowered;
    WODE_TRY(wode_lower_dispatch(what, &lowered));
    bool has_timeout = timeout_ms != WODE_FOR_EVER;
    wode_submitted_answer answer;
    wode_import_jobs_submit(lowered.worker.start, lowered.worker.size, lowered.args.start,
                            lowered.args.size, lowered.options.some, lowered.options.list.start,
                            lowered.options.list.size, has_timeout, has_timeout ? timeout_ms : 0,
                            &answer);
    if (!answer.is_error) {
        job->handle = answer.handle;
        return wode_nil();
    }
    unsigned number = answer.error.number;
    if (number >= sizeof submit_errors / sizeof *submit_errors)
        return wode_fail("refused", "for a reason that is not known here");
    const char *without_text = submit_errors[number].without_text;
    const char *message = without_text ? without_text : wode_host_text(answer.error.text);
    return wode_fail(submit_errors[number].name, message);
}

wode_value wode_jobs_submit(const wode_dispatch *what, wode_job *job)
{
    return wode_jobs_submit_within(what, WODE_FOR_EVER, job);
}

int64_t wode_jobs_wait_any(const wode_job *jobs, size_t count, uint64_t timeout_ms)
{
    _Static_assert(sizeof(wode_job) == sizeof(uint32_t), "a job is its handle");
    bool has_timeout = timeout_ms != WODE_FOR_EVER;
    wode_maybe_u32 index;
    wode_import_jobs_wait_any(&jobs->handle, count, has_timeout, has_timeout ? timeout_ms : 0, &index);
    return index.some ? (int64_t)index.n : -1;
}

const char *wode_job_id(wode_job job)
{
    wode_list id;
    wode_import_job_id(job.handle, &id);
    return wode_host_text(id);
}

bool wode_job_done(wode_job job)
{
    return wode_import_job_done(job.handle);
}

bool wode_job_wait(wode_job job, uint64_t timeout_ms, wode_outcome *outcome)
{
    bool has_timeout = timeout_ms != WODE_FOR_EVER;
    wode_maybe_outcome answer;
    wode_import_job_wait(job.handle, has_timeout, has_timeout ? timeout_ms : 0, &answer);
    if (answer.some) wode_lift_outcome(&answer.outcome, outcome);
    return answer.some;
}

wode_value wode_job_result(wode_job job)
{
    wode_outcome outcome;
    if (wode_job_wait(job, WODE_FOR_EVER, &outcome)) return wode_result(&outcome);
    return wode_fail("paused", "it is paused by the job that waits for it; resume it before");
}

void wode_job_cancel(wode_job job, uint64_t grace_ms)
{
    bool has_grace = grace_ms != WODE_NO_GRACE;
    wode_import_job_cancel(job.handle, has_grace, has_grace ? grace_ms : 0);
}

void wode_job_pause(wode_job job)
{
    wode_import_job_pause(job.handle);
}

void wode_job_resume(wode_job job)
{
    wode_import_job_resume(job.handle);
}

void wode_job_drop(wode_job job)
{
    wode_import_job_drop(job.handle);
}

/* ---- One worker over many items --------------------------------------------- */

/* A job in flight, or why it was not submitted. */
struct wode_submitted {
    wode_value refused; /* nil: it was */
    wode_job job;
};

#define IN_FLIGHT 16

wode_each wode_each_of(const char *worker, wode_value items)
{
    if (items.kind != WODE_ARRAY) wode_panic("wode_each_of: not an array");
    return (wode_each){
        .what = wode_to(worker),
        .items = items,
        .in_flight = IN_FLIGHT,
        .submitted = wode_alloc(WODE_IN_FLIGHT_MAX * sizeof(struct wode_submitted)),
    };
}

static struct wode_submitted *place_of(wode_each *each, uint32_t number)
{
    return &each->submitted[number % WODE_IN_FLIGHT_MAX];
}

/* Whether the end of a job in flight can make room for another. */
static bool may_ease(wode_each *each)
{
    for (uint32_t i = each->first; i < each->next; i++)
        if (!wode_failed(place_of(each, i)->refused)) return true;
    return false;
}

static void fill(wode_each *each)
{
    uint32_t most = each->in_flight;
    if (most < 1) most = 1;
    if (most > WODE_IN_FLIGHT_MAX) most = WODE_IN_FLIGHT_MAX;
    while (each->next < each->items.size && each->next - each->first < most) {
        wode_dispatch what = each->what;
        what.args = wode_array();
        wode_arg(&what, each->items.items[each->next]);
        struct wode_submitted *place = place_of(each, each->next);
        place->refused = wode_jobs_submit(&what, &place->job);
        if (strcmp(wode_code(place->refused), "limit") == 0 && may_ease(each)) return;
        each->next++;
    }
}

bool wode_each_next(wode_each *each, wode_value *result)
{
    fill(each);
    if (each->first == each->next) return false;
    struct wode_submitted *oldest = place_of(each, each->first++);
    if (wode_failed(oldest->refused)) {
        *result = oldest->refused;
        return true;
    }
    *result = wode_job_result(oldest->job);
    wode_job_drop(oldest->job);
    return true;
}
