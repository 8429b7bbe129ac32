/* A plugin of all roles, for roles.c. */
#include "sdk/wodehost.h"

static bool is_set_up;
static unsigned dispatched, outcomes;

WODE_SET_UP()
{
    is_set_up = true;
    return wode_nil();
}

/* The sum of an array of two integers. */
WODE_WORKER(job)
{
    int a, b;
    if (!is_set_up) return wode_fail("not-set-up", "set-up was not called");
    WODE_TRY(WODE_ARGUMENTS(job, WODE_ITEM(0, &a), WODE_ITEM(1, &b)));
    return wode_int(a + b);
}

/* Two jobs, and then one that cannot be written. */
WODE_PRODUCER(job)
{
    if (dispatched == 4) return wode_nil();
    if (dispatched == 3) {
        dispatched++;
        return wode_fail_value(wode_text("no more"));
    }
    *job = wode_to("w");
    if (dispatched == 1) wode_option(job, "retries", wode_int(0));
    wode_arg(job, dispatched == 2 ? wode_text("\xff") : wode_int(dispatched));
    dispatched++;
    return wode_nil();
}

WODE_CONSUMER(job, outcome)
{
    outcomes++;
    wode_logf(WODE_INFO, "%d %s %s %s %s %s %u %d", (int)job.integer, outcome->id, outcome->worker,
              wode_status_name(outcome->status), outcome->reason,
              outcome->message ? outcome->message : "-", outcome->attempts, (int)outcome->data.integer);
    return outcome->status == WODE_SUCCESS ? wode_nil() : WODE_FAIL(NULL, "outcome %u", outcomes);
}

WODE_ON_EMIT(emitted)
{
    wode_logf(WODE_INFO, "%s %u %llu %d", emitted->job_id, emitted->attempt,
              (unsigned long long)emitted->seq, (int)emitted->data.integer);
    return wode_nil();
}

WODE_FINISH()
{
    wode_logf(WODE_INFO, "%u outcomes", outcomes);
    return wode_nil();
}

WODE_GATE()
{
    int64_t wait_ms = WODE_GO;
    if (wode_failed(WODE_CONFIG(WODE_KEY_OR("wait", &wait_ms)))) wode_panic("a wrong configuration");
    return wait_ms;
}
