/* Typed reading: from values into the variables of a plugin. */
#include <math.h>
#include <string.h>

#include "internal.h"

static const char *expected(const wode_place *place)
{
    const char *bits = wode_digits(place->width * 8u);
    switch ((wode_as)place->as) {
    case WODE_AS_VALUE: return "a value";
    case WODE_AS_BOOL: return "a boolean";
    case WODE_AS_SIGNED: return wode_join("an integer of ", bits, " bits", NULL);
    case WODE_AS_UNSIGNED: return wode_join("an integer of ", bits, " bits, not negative", NULL);
    case WODE_AS_FLOAT: return "a number";
    case WODE_AS_TEXT: return "a string";
    }
    return "nothing that is known";
}

/* Stores the lowest `width` bytes of a number. */
static void store_number(void *place, uint64_t n, unsigned width)
{
    uint8_t n8 = (uint8_t)n;
    uint16_t n16 = (uint16_t)n;
    uint32_t n32 = (uint32_t)n;
    switch (width) {
    case 1: memcpy(place, &n8, 1); return;
    case 2: memcpy(place, &n16, 2); return;
    case 4: memcpy(place, &n32, 4); return;
    default: memcpy(place, &n, 8); return;
    }
}

static bool store_signed(wode_value value, const wode_place *place)
{
    if (value.kind != WODE_INT) return false;
    int64_t most = (int64_t)(UINT64_MAX >> (65 - place->width * 8));
    if (value.integer > most || value.integer < -most - 1) return false;
    store_number(place->place, value.natural, place->width);
    return true;
}

static bool store_unsigned(wode_value value, const wode_place *place)
{
    if (value.kind != WODE_UINT && (value.kind != WODE_INT || value.integer < 0)) return false;
    if (value.natural > UINT64_MAX >> (64 - place->width * 8)) return false;
    store_number(place->place, value.natural, place->width);
    return true;
}

static bool store_float(wode_value value, const wode_place *place)
{
    double number;
    switch (value.kind) {
    case WODE_INT: number = (double)value.integer; break;
    case WODE_UINT: number = (double)value.natural; break;
    case WODE_F32: number = value.single; break;
    case WODE_F64: number = value.number; break;
    default: return false;
    }
    if (place->width == sizeof(double)) {
        memcpy(place->place, &number, sizeof number);
        return true;
    }
    float single = (float)number;
    if (isinf(single) && !isinf(number)) return false;
    memcpy(place->place, &single, sizeof single);
    return true;
}

static bool store(wode_value value, const wode_place *place)
{
    switch ((wode_as)place->as) {
    case WODE_AS_VALUE: *(wode_value *)place->place = value; return true;
    case WODE_AS_BOOL:
        if (value.kind != WODE_BOOL) return false;
        *(bool *)place->place = value.boolean;
        return true;
    case WODE_AS_SIGNED: return store_signed(value, place);
    case WODE_AS_UNSIGNED: return store_unsigned(value, place);
    case WODE_AS_FLOAT: return store_float(value, place);
    case WODE_AS_TEXT:
        /* A text with a NUL inside is none of C. */
        if (value.kind != WODE_TEXT || memchr(value.text, 0, value.size)) return false;
        *(const char **)place->place = value.text;
        return true;
    }
    return false;
}

static bool is_whole(const wode_place *place)
{
    return !place->key && place->index < 0;
}

static const char *where(const wode_place *place)
{
    if (is_whole(place)) return "";
    if (place->key) return wode_join("`", place->key, "`: ", NULL);
    return wode_join("item ", wode_digits((uint64_t)place->index), ": ", NULL);
}

static wode_value wrong(const char *code, const wode_place *place, const char *wanted, const char *found)
{
    return wode_problem(code, where(place), "expected ", wanted, ", found ", found, NULL);
}

static const char *describe_text(wode_value value, const wode_place *place)
{
    if (place->as == WODE_AS_TEXT && value.kind == WODE_TEXT) return "a string with a NUL character";
    return wode_describe(value);
}

wode_value wode_read(const char *code, wode_value value, const wode_place *places, size_t count)
{
    if (wode_failed(value)) return value;
    for (size_t i = 0; i < count; i++) {
        const wode_place *place = &places[i];
        const wode_value *found = &value;
        if (place->key) {
            if (value.kind != WODE_MAP) return wrong(code, place, "a map that has it", wode_describe(value));
            found = wode_find(value, place->key);
        } else if (!is_whole(place)) {
            if (value.kind != WODE_ARRAY)
                return wrong(code, place, "an array that has it", wode_describe(value));
            found = place->index < value.size ? &value.items[place->index] : NULL;
        }
        if (place->optional && (!found || found->kind == WODE_NIL)) continue;
        if (!found) return wrong(code, place, expected(place), "nothing");
        if (!store(*found, place)) return wrong(code, place, expected(place), describe_text(*found, place));
    }
    return wode_nil();
}
