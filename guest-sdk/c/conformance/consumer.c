/* Logs what comes. */
#include "shared.h"

static int64_t count;

static bool is_echo_of(wode_value job, const char *text)
{
    return job.kind == WODE_MAP && job.size == 2 && wode_is_text(wode_get(job, "do"), "echo") &&
           wode_is_text(wode_get(job, "with"), text);
}

WODE_CONSUMER(job, outcome)
{
    if (is_echo_of(job, "consumer fails")) return wode_fail_value(wode_text("as asked"));
    if (is_echo_of(job, "consumer throws")) conformance_middle("as asked");

    if (count == 0) {
        const wode_value *saved = wode_checkpoint_load();
        if (saved) WODE_TRY(WODE_READ(*saved, WODE_WHOLE(&count)));
    }
    wode_logf(WODE_INFO, "outcome %s %s %s %s %s", to_base64(wode_as_it_came(job)), outcome->worker,
              wode_status_name(outcome->status), outcome->reason,
              to_base64(wode_as_it_came(outcome->data)));
    return wode_checkpoint_save(wode_int(++count));
}

WODE_ON_EMIT(emitted)
{
    wode_logf(WODE_INFO, "emitted %s %u %llu %s", emitted->job_id, (unsigned)emitted->attempt,
              (unsigned long long)emitted->seq, to_base64(wode_as_it_came(emitted->data)));
    return wode_nil();
}

WODE_FINISH()
{
    wode_logf(WODE_INFO, "finished %lld", (long long)count);
    return wode_nil();
}
