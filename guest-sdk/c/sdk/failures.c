/* Failures: values that say why there is none. */
#include "internal.h"

static wode_value failure(wode_value value)
{
    wode_value *boxed = wode_alloc(sizeof *boxed);
    *boxed = value;
    return (wode_value){.kind = WODE_FAILURE, .failure = boxed};
}

wode_value wode_fail_value(wode_value value)
{
    return failure(value);
}

wode_value wode_fail(const char *code, const char *message)
{
    wode_value map = wode_map();
    if (code) wode_set(&map, "code", wode_text(code));
    wode_set(&map, "message", wode_text(message ? message : ""));
    return failure(map);
}

wode_value wode_cause(wode_value failed, const char *cause)
{
    if (!wode_failed(failed)) wode_panic("wode_cause: not a failure");
    wode_value map = *failed.failure;
    if (map.kind != WODE_MAP) return failed;
    wode_value causes = wode_get(map, "causes");
    if (causes.kind != WODE_ARRAY) causes = wode_array();
    wode_push(&causes, wode_text(cause));
    wode_set(&map, "causes", causes);
    return failure(map);
}

bool wode_failed(wode_value value)
{
    return value.kind == WODE_FAILURE;
}

static const char *text_under(wode_value failed, const char *key)
{
    if (!wode_failed(failed)) return "";
    wode_value text = wode_get(*failed.failure, key);
    return text.kind == WODE_TEXT ? text.text : "";
}

const char *wode_code(wode_value failed)
{
    return text_under(failed, "code");
}

const char *wode_message(wode_value failed)
{
    return text_under(failed, "message");
}
