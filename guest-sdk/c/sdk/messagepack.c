/* Between values and MessagePack, with mpack (mpack/README.md), which is compiled
 * here, with what is needed of it. */
#include <string.h>

#include "internal.h"

#define MPACK_EXPECT 0
#define MPACK_NODE 0
#define MPACK_STDIO 0
#define MPACK_DEBUG 0
#define MPACK_EXTENSIONS 1
#define MPACK_BUFFER_SIZE 1024
#define MPACK_MALLOC(size) wode_alloc(size)
#define MPACK_FREE(memory) ((void)(memory))
#include "mpack/mpack.c"

/* ---- Reading ------------------------------------------------------------- */

/* How much is left to read, and where. */
static size_t left(mpack_reader_t *from, const uint8_t **here)
{
    const char *rest;
    size_t size = mpack_reader_remaining(from, &rest);
    *here = (const uint8_t *)rest;
    return size;
}

/* Room for `count` items of which each takes a byte of the source at least, so that
 * a count that lies asks for no memory. */
static void *room_for(mpack_reader_t *from, uint64_t count, size_t item_size, unsigned bytes_each)
{
    const uint8_t *here;
    if (count > left(from, &here) / bytes_each) {
        mpack_reader_flag_error(from, mpack_error_invalid);
        return NULL;
    }
    return wode_alloc((size_t)count * item_size);
}

static const uint8_t *read_bytes(mpack_reader_t *from, uint32_t count)
{
    const char *bytes = mpack_read_bytes_inplace(from, count);
    return (const uint8_t *)(bytes ? bytes : "");
}

static wode_value read_value(mpack_reader_t *from, unsigned depth)
{
    const uint8_t *start, *end;
    left(from, &start);

    mpack_tag_t tag = mpack_read_tag(from);
    mpack_type_t type = mpack_tag_type(&tag);
    if (depth > WODE_DEPTH_MAX && (type == mpack_type_array || type == mpack_type_map))
        mpack_reader_flag_error(from, mpack_error_too_big);
    wode_value value = wode_nil();
    switch (type) {
    case mpack_type_missing:
    case mpack_type_nil: break;
    case mpack_type_bool: value = wode_bool(mpack_tag_bool_value(&tag)); break;
    case mpack_type_int: value = wode_int(mpack_tag_int_value(&tag)); break;
    case mpack_type_uint: value = wode_uint(mpack_tag_uint_value(&tag)); break;
    case mpack_type_float: value = wode_f32(mpack_tag_float_value(&tag)); break;
    case mpack_type_double: value = wode_f64(mpack_tag_double_value(&tag)); break;
    case mpack_type_str: {
        uint32_t size = mpack_tag_str_length(&tag);
        const uint8_t *bytes = read_bytes(from, size);
        if (mpack_reader_error(from) == mpack_ok)
            value = wode_text_of((const char *)bytes, size);
        break;
    }
    case mpack_type_bin: {
        uint32_t size = mpack_tag_bin_length(&tag);
        value = wode_bin(read_bytes(from, size), size);
        break;
    }
    case mpack_type_ext: {
        uint32_t size = mpack_tag_ext_length(&tag);
        value = wode_ext(mpack_tag_ext_exttype(&tag), read_bytes(from, size), size);
        break;
    }
    case mpack_type_array: {
        uint32_t count = mpack_tag_array_count(&tag);
        wode_value *items = room_for(from, count, sizeof *items, 1);
        for (uint32_t i = 0; i < count && mpack_reader_error(from) == mpack_ok; i++)
            items[i] = read_value(from, depth + 1);
        value.kind = WODE_ARRAY;
        value.items = items;
        value.size = count;
        break;
    }
    case mpack_type_map: {
        uint32_t count = mpack_tag_map_count(&tag);
        wode_pair *pairs = room_for(from, count, sizeof *pairs, 2);
        for (uint32_t i = 0; i < count && mpack_reader_error(from) == mpack_ok; i++) {
            pairs[i].key = read_value(from, depth + 1);
            pairs[i].value = read_value(from, depth + 1);
        }
        value.kind = WODE_MAP;
        value.pairs = pairs;
        value.size = count;
        break;
    }
    }
    if (mpack_reader_error(from) != mpack_ok) return wode_nil();
    left(from, &end);
    value.source = start;
    value.source_size = (uint32_t)(end - start);
    return value;
}

static const char *reading_problem(mpack_error_t error)
{
    switch (error) {
    case mpack_error_too_big: return "it is nested more than 64 deep";
    case mpack_error_io: return "it ends too early";
    default: return "it is not well-formed";
    }
}

wode_value wode_decode(const void *bytes, size_t size)
{
    mpack_reader_t from;
    if (size > UINT32_MAX) return wode_fail("bad-value", "no value: it is larger than 4 GiB");
    mpack_reader_init_data(&from, bytes, size);
    wode_value value = read_value(&from, 1);
    const uint8_t *rest;
    mpack_error_t error = mpack_reader_error(&from);
    if (error != mpack_ok) return wode_problem("bad-value", "no value: ", reading_problem(error), NULL);
    if (left(&from, &rest) > 0) return wode_fail("bad-value", "no value: there is more behind it");
    return value;
}

/* ---- Writing ------------------------------------------------------------- */

/* The way to the value that is being written: what a problem says. */
typedef struct step {
    const struct step *from;
    const wode_value *key; /* NULL: the item `index` */
    uint32_t index;
    bool is_key;
} step;

/* Where writing is, and what is wrong, if something is. */
typedef struct {
    mpack_writer_t mpack;
    const char *problem;
    const char *where;
} writer;

/* Keys longer than this are cut in the words of a problem. */
#define KEY_SHOWN 40

static const char *way(const step *to)
{
    if (!to) return "";
    const char *before = way(to->from);
    if (to->is_key) return wode_join(before, "[key ", wode_digits(to->index), "]", NULL);
    if (!to->key || to->key->kind != WODE_TEXT || !mpack_utf8_check(to->key->text, to->key->size))
        return wode_join(before, "[", wode_digits(to->index), "]", NULL);
    uint32_t size = to->key->size;
    if (size <= KEY_SHOWN) return wode_join(before, ".", to->key->text, NULL);
    size = KEY_SHOWN;
    while (size > 0 && (to->key->text[size] & 0xc0) == 0x80) size--;
    return wode_join(before, ".", wode_copy_text(to->key->text, size), "…", NULL);
}

static void refuse(writer *to, const step *at, const char *problem)
{
    if (to->problem) return;
    to->problem = problem;
    to->where = way(at);
    mpack_writer_flag_error(&to->mpack, mpack_error_data);
}

static void write_value(writer *to, wode_value value, const step *at, unsigned depth)
{
    mpack_writer_t *mpack = &to->mpack;
    if (depth > WODE_DEPTH_MAX && (value.kind == WODE_ARRAY || value.kind == WODE_MAP)) {
        refuse(to, at, "nested more than 64 deep");
        return;
    }
    switch ((wode_kind)value.kind) {
    case WODE_NIL: mpack_write_nil(mpack); return;
    case WODE_BOOL: mpack_write_bool(mpack, value.boolean); return;
    case WODE_INT: mpack_write_i64(mpack, value.integer); return;
    case WODE_UINT: mpack_write_u64(mpack, value.natural); return;
    case WODE_F32: mpack_write_float(mpack, value.single); return;
    case WODE_F64: mpack_write_double(mpack, value.number); return;
    case WODE_TEXT:
        if (mpack_utf8_check(value.text, value.size)) mpack_write_str(mpack, value.text, value.size);
        else refuse(to, at, "a text that is not UTF-8");
        return;
    case WODE_BIN: mpack_write_bin(mpack, (const char *)value.bytes, value.size); return;
    case WODE_EXT:
        mpack_write_ext(mpack, value.ext_type, (const char *)value.bytes, value.size);
        return;
    case WODE_RAW:
        mpack_write_object_bytes(mpack, (const char *)value.bytes, value.size);
        return;
    case WODE_ARRAY:
        mpack_start_array(mpack, value.size);
        for (uint32_t i = 0; i < value.size && !to->problem; i++)
            write_value(to, value.items[i], &(step){at, NULL, i, false}, depth + 1);
        return;
    case WODE_MAP:
        mpack_start_map(mpack, value.size);
        for (uint32_t i = 0; i < value.size && !to->problem; i++) {
            const wode_pair *pair = &value.pairs[i];
            write_value(to, pair->key, &(step){at, NULL, i, true}, depth + 1);
            write_value(to, pair->value, &(step){at, &pair->key, i, false}, depth + 1);
        }
        return;
    case WODE_FAILURE: refuse(to, at, "a failure has no MessagePack form"); return;
    }
    refuse(to, at, "this is no value");
}

wode_value wode_encode(wode_value value)
{
    writer to = {.problem = NULL};
    char *bytes = NULL;
    size_t size = 0;
    mpack_writer_init_growable(&to.mpack, &bytes, &size);
    write_value(&to, value, NULL, 1);
    if (mpack_writer_destroy(&to.mpack) == mpack_ok) return wode_bin(bytes, size);
    const char *problem = to.problem ? to.problem : "it cannot be written";
    const char *where = to.where && to.where[0] ? to.where : "the value itself";
    return wode_problem("bad-value", "at ", where, ": ", problem, NULL);
}
