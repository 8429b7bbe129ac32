/* Has three people greeted by the worker that the configuration names. */
#include "sdk/wodehost.h"

WODE_PRODUCER(job)
{
    static const char *const names[] = {"Ada", "Grace", "Katherine"};
    static size_t next;
    const char *worker = "hello";
    WODE_TRY(WODE_CONFIG(WODE_KEY_OR("worker", &worker)));
    if (next == sizeof names / sizeof *names) return wode_nil();
    *job = wode_to(worker);
    wode_arg(job, WODE_MAP({"name", wode_text(names[next++])}));
    return wode_nil();
}
