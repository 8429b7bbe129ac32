/* Greets whom the job names. */
#include "sdk/wodehost.h"

WODE_WORKER(job)
{
    const char *name;
    WODE_TRY(WODE_ARGUMENTS(job, WODE_KEY("name", &name)));
    return wode_format("Hello, %s!", name);
}
