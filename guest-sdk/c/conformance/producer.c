/* Dispatches each configured request to each configured worker. */
#include "shared.h"

WODE_PRODUCER(job)
{
    wode_value requests = wode_array(), workers = wode_array();
    int64_t fail_at = -1, throw_at = -1;
    WODE_TRY(WODE_CONFIG(WODE_KEY_OR("requests", &requests), WODE_KEY_OR("workers", &workers),
                         WODE_KEY_OR("fail-at", &fail_at), WODE_KEY_OR("throw-at", &throw_at)));
    int64_t number = 0;
    const wode_value *saved = wode_checkpoint_load();
    if (saved) WODE_TRY(WODE_READ(*saved, WODE_WHOLE(&number)));

    if (number == fail_at) return wode_fail_value(wode_text("as configured"));
    if (number == throw_at) conformance_middle("as configured");
    if (number >= (int64_t)requests.size * workers.size) return wode_nil();

    const char *request, *worker;
    WODE_TRY(WODE_READ(requests, WODE_ITEM(number / workers.size, &request)));
    WODE_TRY(WODE_READ(workers, WODE_ITEM(number % workers.size, &worker)));
    size_t size;
    const uint8_t *bytes = from_base64(request, &size);
    if (!bytes) return WODE_FAIL("bad-config", "request %d is not in base64", (int)number);

    WODE_TRY(wode_checkpoint_save(wode_int(number + 1)));
    *job = wode_to(worker);
    wode_arg(job, wode_raw(bytes, size));
    wode_option(job, "retries", wode_int(0));
    return wode_nil();
}
