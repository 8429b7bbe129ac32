/* Texts for people, made without printf unless a plugin formats itself. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

const char *wode_copy_text(const void *bytes, size_t size)
{
    char *text = wode_alloc(size + 1);
    if (size > 0) memcpy(text, bytes, size);
    text[size] = 0;
    return text;
}

static const char *join(const char *first, va_list texts)
{
    va_list again;
    va_copy(again, texts);
    size_t size = 0;
    for (const char *text = first; text; text = va_arg(again, const char *)) size += strlen(text);
    va_end(again);

    char *joined = wode_alloc(size + 1);
    char *end = joined;
    for (const char *text = first; text; text = va_arg(texts, const char *)) {
        size_t length = strlen(text);
        memcpy(end, text, length);
        end += length;
    }
    *end = 0;
    return joined;
}

const char *wode_join(const char *first, ...)
{
    va_list texts;
    va_start(texts, first);
    const char *joined = join(first, texts);
    va_end(texts);
    return joined;
}

wode_value wode_problem(const char *code, const char *first, ...)
{
    va_list texts;
    va_start(texts, first);
    const char *message = join(first, texts);
    va_end(texts);
    return wode_fail(code, message);
}

const char *wode_digits(uint64_t n)
{
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    return wode_copy_text(digits + start, sizeof digits - start);
}

const char *wode_describe(wode_value value)
{
    switch ((wode_kind)value.kind) {
    case WODE_NIL: return "nil";
    case WODE_BOOL: return value.boolean ? "the boolean `true`" : "the boolean `false`";
    case WODE_INT:
        if (value.integer >= 0) return wode_join("the integer `", wode_digits(value.natural), "`", NULL);
        return wode_join("the integer `-", wode_digits(-value.natural), "`", NULL);
    case WODE_UINT: return wode_join("the integer `", wode_digits(value.natural), "`", NULL);
    case WODE_F32: return "a float of 32 bits";
    case WODE_F64: return "a float";
    case WODE_TEXT: return "a string";
    case WODE_BIN: return "binary data";
    case WODE_ARRAY: return wode_join("an array of length ", wode_digits(value.size), NULL);
    case WODE_MAP: return "a map";
    case WODE_EXT: return value.ext_type == -1 ? "a timestamp" : "an extension type";
    case WODE_RAW: return "MessagePack that was not read";
    case WODE_FAILURE: return "a failure";
    }
    return "something that is no value";
}

const char *wode_print(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0) wode_panic("a format that printf does not know");
    char *text = wode_alloc((size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return text;
}

wode_value wode_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = wode_print(format, arguments);
    va_end(arguments);
    return wode_text(text);
}

wode_value wode_failf(const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *message = wode_print(format, arguments);
    va_end(arguments);
    return wode_fail(code, message);
}

void wode_logf(wode_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = wode_print(format, arguments);
    va_end(arguments);
    wode_log(level, text);
}
