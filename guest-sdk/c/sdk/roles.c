/* What the entry points hand to the SDK: reads what the host gives, calls the
 * plugin's function, and lays its answer where the host takes it. */
#include "internal.h"

/* result<option<dispatch>, value>, and option<u64>. */
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

typedef struct {
    uint8_t some;
    uint64_t wait_ms;
} admit_answer;

/* The parameters of `consume`, which are too many to be handed over one by one. */
typedef struct {
    wode_list job;
    wode_abi_outcome outcome;
} consume_arguments;

wode_value wode_lift(wode_list list)
{
    return wode_decode(list.start, list.size);
}

/* The failure value as the host takes it; when it cannot be written, what is wrong
 * with it. */
static wode_list lower_failure(wode_value failed)
{
    wode_value encoded = wode_encode(*failed.failure);
    if (wode_failed(encoded)) encoded = wode_encode(*encoded.failure);
    return (wode_list){encoded.bytes, encoded.size};
}

static void *answer(wode_value value)
{
    wode_answer *answer = wode_alloc(sizeof *answer);
    wode_value encoded = wode_failed(value) ? value : wode_encode(value);
    answer->is_error = wode_failed(encoded);
    answer->list = answer->is_error ? lower_failure(encoded) : (wode_list){encoded.bytes, encoded.size};
    return answer;
}

void *wode_run_worker(wode_value (*worker)(wode_value), const uint8_t *job, size_t size)
{
    wode_value value = wode_decode(job, size);
    return answer(wode_failed(value) ? value : worker(value));
}

void *wode_run_plain(wode_value (*function)(void))
{
    return answer(function());
}

void *wode_run_producer(wode_value (*producer)(wode_dispatch *))
{
    wode_dispatch job = wode_to(NULL);
    next_answer *answer = wode_alloc(sizeof *answer);
    *answer = (next_answer){0};
    wode_value problem = producer(&job);
    if (!wode_failed(problem) && job.worker) {
        answer->job.some = true;
        problem = wode_lower_dispatch(&job, &answer->job.dispatch);
    }
    if (wode_failed(problem)) {
        answer->is_error = true;
        answer->error = lower_failure(problem);
    }
    return answer;
}

void *wode_run_consumer(wode_value (*consumer)(wode_value, const wode_outcome *), const void *arguments)
{
    const consume_arguments *given = arguments;
    wode_outcome outcome;
    wode_lift_outcome(&given->outcome, &outcome);
    return answer(consumer(wode_lift(given->job), &outcome));
}

void *wode_run_on_emit(wode_value (*on_emit)(const wode_emitted *), const char *id, size_t id_size,
                       uint32_t attempt, uint64_t seq, const uint8_t *value, size_t size)
{
    wode_emitted emitted = {
        .job_id = wode_host_text((wode_list){id, id_size}),
        .attempt = attempt,
        .seq = seq,
        .data = wode_decode(value, size),
    };
    return answer(on_emit(&emitted));
}

void *wode_run_gate(int64_t (*gate)(void))
{
    int64_t wait_ms = gate();
    admit_answer *answer = wode_alloc(sizeof *answer);
    *answer = (admit_answer){wait_ms >= 0, wait_ms >= 0 ? (uint64_t)wait_ms : 0};
    return answer;
}

void wode_end_call(void)
{
    wode_arena_clear();
}
