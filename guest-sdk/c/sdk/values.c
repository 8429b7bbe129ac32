/* Values: how they are made, changed, looked at and copied. */
#include <string.h>

#include "internal.h"

static wode_value of(wode_kind kind)
{
    return (wode_value){.kind = (uint8_t)kind};
}

static uint32_t size_of(size_t size)
{
    if (size > UINT32_MAX) wode_panic("a value of more than 4 GiB");
    return (uint32_t)size;
}

wode_value wode_nil(void)
{
    return of(WODE_NIL);
}

wode_value wode_bool(bool b)
{
    wode_value value = of(WODE_BOOL);
    value.boolean = b;
    return value;
}

wode_value wode_int(int64_t n)
{
    wode_value value = of(WODE_INT);
    value.integer = n;
    return value;
}

wode_value wode_uint(uint64_t n)
{
    wode_value value = of(n > INT64_MAX ? WODE_UINT : WODE_INT);
    value.natural = n;
    return value;
}

wode_value wode_f32(float x)
{
    wode_value value = of(WODE_F32);
    value.single = x;
    return value;
}

wode_value wode_f64(double x)
{
    wode_value value = of(WODE_F64);
    value.number = x;
    return value;
}

wode_value wode_text(const char *text)
{
    if (!text) return wode_nil();
    wode_value value = of(WODE_TEXT);
    value.text = text;
    value.size = size_of(strlen(text));
    return value;
}

wode_value wode_text_of(const char *text, size_t size)
{
    wode_value value = of(WODE_TEXT);
    value.text = wode_copy_text(text, size);
    value.size = size_of(size);
    return value;
}

static wode_value bytes(wode_kind kind, const void *bytes, size_t size)
{
    wode_value value = of(kind);
    value.bytes = bytes;
    value.size = size_of(size);
    return value;
}

wode_value wode_bin(const void *from, size_t size)
{
    return bytes(WODE_BIN, from, size);
}

wode_value wode_ext(int8_t type, const void *from, size_t size)
{
    wode_value value = bytes(WODE_EXT, from, size);
    value.ext_type = type;
    return value;
}

wode_value wode_raw(const void *from, size_t size)
{
    return bytes(WODE_RAW, from, size);
}

wode_value wode_as_it_came(wode_value value)
{
    return value.source ? wode_raw(value.source, value.source_size) : value;
}

/* Big-endian, as MessagePack writes everything. */
static void put_big(uint8_t *to, uint64_t n, unsigned size)
{
    for (unsigned i = 0; i < size; i++) to[i] = (uint8_t)(n >> 8 * (size - 1 - i));
}

static uint64_t get_big(const uint8_t *from, unsigned size)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < size; i++) n = n << 8 | from[i];
    return n;
}

wode_value wode_timestamp(int64_t seconds, uint32_t nanoseconds)
{
    uint8_t *to = wode_alloc(12);
    uint64_t s = (uint64_t)seconds;
    if (s >> 34 == 0) {
        if (nanoseconds == 0 && s >> 32 == 0) {
            put_big(to, s, 4);
            return wode_ext(-1, to, 4);
        }
        put_big(to, (uint64_t)nanoseconds << 34 | s, 8);
        return wode_ext(-1, to, 8);
    }
    put_big(to, nanoseconds, 4);
    put_big(to + 4, s, 8);
    return wode_ext(-1, to, 12);
}

bool wode_is_timestamp(wode_value value, int64_t *seconds, uint32_t *nanoseconds)
{
    if (value.kind != WODE_EXT || value.ext_type != -1) return false;
    uint64_t s, ns = 0;
    switch (value.size) {
    case 4: s = get_big(value.bytes, 4); break;
    case 8:
        s = get_big(value.bytes, 8);
        ns = s >> 34;
        s &= (UINT64_C(1) << 34) - 1;
        break;
    case 12:
        ns = get_big(value.bytes, 4);
        s = get_big(value.bytes + 4, 8);
        break;
    default: return false;
    }
    if (ns > 999999999) return false;
    *seconds = (int64_t)s;
    *nanoseconds = (uint32_t)ns;
    return true;
}

wode_value wode_array(void)
{
    return of(WODE_ARRAY);
}

wode_value wode_map(void)
{
    return of(WODE_MAP);
}

/* Makes room for one more. What has no room of its own, because it was read or
 * belongs to a constant, is copied first. */
static void make_room(wode_value *value, size_t item_size)
{
    if (value->room > 0 && value->size < UINT32_C(1) << value->room) return;
    unsigned room = 2;
    while (UINT64_C(1) << room <= value->size) room++;
    if (room > 31) wode_panic("too many items in one value");
    void *larger = wode_alloc(item_size << room);
    if (value->size > 0) memcpy(larger, value->items, item_size * value->size);
    value->items = larger;
    value->room = (uint8_t)room;
}

void wode_push(wode_value *array, wode_value item)
{
    if (array->kind != WODE_ARRAY) wode_panic("wode_push: not an array");
    make_room(array, sizeof(wode_value));
    array->items[array->size++] = item;
}

void wode_put(wode_value *map, wode_value key, wode_value value)
{
    if (map->kind != WODE_MAP) wode_panic("wode_put: not a map");
    make_room(map, sizeof(wode_pair));
    map->pairs[map->size++] = (wode_pair){key, value};
}

bool wode_is_text(wode_value value, const char *text)
{
    size_t size = strlen(text);
    return value.kind == WODE_TEXT && value.size == size && memcmp(value.text, text, size) == 0;
}

void wode_set(wode_value *map, const char *key, wode_value value)
{
    if (map->kind != WODE_MAP) wode_panic("wode_set: not a map");
    for (uint32_t i = 0; i < map->size; i++) {
        if (!wode_is_text(map->pairs[i].key, key)) continue;
        if (map->room == 0) make_room(map, sizeof(wode_pair)); /* Others may see these pairs. */
        map->pairs[i].value = value;
        return;
    }
    wode_put(map, wode_text(key), value);
}

const wode_value *wode_find(wode_value map, const char *key)
{
    if (map.kind != WODE_MAP) return NULL;
    for (uint32_t i = 0; i < map.size; i++)
        if (wode_is_text(map.pairs[i].key, key)) return &map.pairs[i].value;
    return NULL;
}

wode_value wode_get(wode_value map, const char *key)
{
    const wode_value *found = wode_find(map, key);
    return found ? *found : wode_nil();
}

wode_value wode_array_of(const wode_value *items, size_t count)
{
    wode_value array = wode_array();
    for (size_t i = 0; i < count; i++) wode_push(&array, items[i]);
    return array;
}

wode_value wode_map_of(const wode_entry *entries, size_t count)
{
    wode_value map = wode_map();
    for (size_t i = 0; i < count; i++) wode_put(&map, wode_text(entries[i].key), entries[i].value);
    return map;
}

bool wode_equal(wode_value a, wode_value b)
{
    if (a.kind != b.kind) return false;
    switch ((wode_kind)a.kind) {
    case WODE_NIL: return true;
    case WODE_BOOL: return a.boolean == b.boolean;
    case WODE_INT:
    case WODE_UINT: return a.natural == b.natural;
    case WODE_F32: return memcmp(&a.single, &b.single, sizeof a.single) == 0;
    case WODE_F64: return memcmp(&a.number, &b.number, sizeof a.number) == 0;
    case WODE_EXT:
        if (a.ext_type != b.ext_type) return false;
        break;
    case WODE_TEXT:
    case WODE_BIN:
    case WODE_RAW: break;
    case WODE_FAILURE: return wode_equal(*a.failure, *b.failure);
    case WODE_ARRAY:
        if (a.size != b.size) return false;
        for (uint32_t i = 0; i < a.size; i++)
            if (!wode_equal(a.items[i], b.items[i])) return false;
        return true;
    case WODE_MAP:
        if (a.size != b.size) return false;
        for (uint32_t i = 0; i < a.size; i++)
            if (!wode_equal(a.pairs[i].key, b.pairs[i].key) ||
                !wode_equal(a.pairs[i].value, b.pairs[i].value))
                return false;
        return true;
    }
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static wode_value copy(wode_value value, unsigned depth)
{
    if (depth > WODE_DEPTH_MAX) wode_panic("wode_keep: a value that is nested too deep");
    value.source = NULL;
    value.room = 0;
    switch ((wode_kind)value.kind) {
    case WODE_TEXT: value.text = wode_copy_text(value.text, value.size); break;
    case WODE_BIN:
    case WODE_EXT:
    case WODE_RAW: value.bytes = (const uint8_t *)wode_copy_text(value.bytes, value.size); break;
    case WODE_FAILURE: {
        wode_value *inner = wode_alloc(sizeof *inner);
        *inner = copy(*value.failure, depth + 1);
        value.failure = inner;
        break;
    }
    case WODE_ARRAY: {
        wode_value *items = wode_alloc(value.size * sizeof *items);
        for (uint32_t i = 0; i < value.size; i++) items[i] = copy(value.items[i], depth + 1);
        value.items = items;
        break;
    }
    case WODE_MAP: {
        wode_pair *pairs = wode_alloc(value.size * sizeof *pairs);
        for (uint32_t i = 0; i < value.size; i++) {
            pairs[i].key = copy(value.pairs[i].key, depth + 1);
            pairs[i].value = copy(value.pairs[i].value, depth + 1);
        }
        value.pairs = pairs;
        break;
    }
    case WODE_NIL:
    case WODE_BOOL:
    case WODE_INT:
    case WODE_UINT:
    case WODE_F32:
    case WODE_F64: break;
    }
    return value;
}

wode_value wode_keep(wode_value value)
{
    wode_keep_begin();
    wode_value kept = copy(value, 0);
    wode_keep_end();
    return kept;
}

const char *wode_keep_text(const char *text)
{
    wode_keep_begin();
    const char *kept = wode_copy_text(text, strlen(text));
    wode_keep_end();
    return kept;
}
