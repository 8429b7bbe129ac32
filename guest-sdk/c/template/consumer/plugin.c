/* Logs how each job ended, and how many succeeded in the end. */
#include "sdk/wodehost.h"

static unsigned count, succeeded;

WODE_CONSUMER(job, outcome)
{
    (void)job;
    count++;
    succeeded += outcome->status == WODE_SUCCESS;
    wode_logf(WODE_INFO, "%s: %s", outcome->id, wode_status_name(outcome->status));
    return wode_nil();
}

WODE_FINISH()
{
    wode_logf(WODE_INFO, "%u of %u jobs succeeded", succeeded, count);
    return wode_nil();
}
