/* Panics that a stack trace shows, and base64. */
#include "shared.h"

#include <string.h>

/* What follows the calls keeps them from being made into jumps. */
static volatile int reached;

__attribute__((noinline)) static void conformance_deep(const char *text)
{
    reached++;
    wode_panic(text);
}

__attribute__((noinline)) void conformance_middle(const char *text)
{
    conformance_deep(text);
    reached++;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *to_base64(wode_value value)
{
    wode_value encoded = wode_encode(value);
    if (wode_failed(encoded)) return "";
    const uint8_t *bytes = encoded.bytes;
    size_t size = encoded.size;
    char *text = wode_alloc((size + 2) / 3 * 4 + 1), *to = text;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16;
        if (i + 1 < size) three |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < size) three |= bytes[i + 2];
        for (int j = 0; j < 4; j++) *to++ = digits[three >> (18 - 6 * j) & 63];
    }
    if (size % 3 > 0) to[-1] = '=';
    if (size % 3 == 1) to[-2] = '=';
    *to = 0;
    return text;
}

const uint8_t *from_base64(const char *text, size_t *size)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '=') length--;
    uint8_t *bytes = wode_alloc(length);
    uint32_t bits = 0;
    unsigned count = 0;
    *size = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr(digits, text[i]);
        if (!digit || !text[i]) return NULL;
        bits = bits << 6 | (uint32_t)(digit - digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes[(*size)++] = (uint8_t)(bits >> count);
        }
    }
    return bytes;
}
