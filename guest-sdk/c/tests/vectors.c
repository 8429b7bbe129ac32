/* Values that every plugin hands on byte for byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "sdk/internal.h"

/* The bytes of `HEX…`, where `HEX*N` stands for N times these. */
static wode_value bytes_of(char *text)
{
    uint8_t *bytes = malloc(200000);
    size_t size = 0;
    for (char *part = strtok(text, " \n"); part; part = strtok(NULL, " \n")) {
        char *times = strchr(part, '*');
        long count = times ? atol(times + 1) : 1;
        if (times) *times = 0;
        wode_value once = from_hex(part);
        for (; count > 0; count--, size += once.size) memcpy(bytes + size, once.bytes, once.size);
    }
    return wode_bin(bytes, size);
}

TEST(every_vector_comes_out_byte_for_byte)
{
    FILE *file = fopen(vectors_path, "r");
    CHECK(file != NULL);
    if (!file) return;
    char *line = NULL;
    size_t room = 0;
    unsigned count = 0;
    while (getline(&line, &room, file) > 0) {
        char *colon = strstr(line, ": ");
        if (line[0] == '#' || !colon) continue;
        *colon = 0;
        wode_value bytes = bytes_of(colon + 2);
        wode_value value = wode_decode(bytes.bytes, bytes.size);
        wode_value again = wode_encode(value);
        wode_value kept = wode_encode(wode_keep(value));
        wode_value as_it_came = wode_as_it_came(value);
        bool right = again.kind == WODE_BIN && wode_equal(again, bytes) && wode_equal(kept, bytes) &&
                     as_it_came.size == bytes.size && memcmp(as_it_came.bytes, bytes.bytes, bytes.size) == 0;
        check_that(right, line, vectors_path, (int)count);
        free((void *)bytes.bytes);
        wode_arena_clear();
        count++;
    }
    free(line);
    fclose(file);
    CHECK(count > 100);
}

TEST(every_truncated_vector_is_no_value)
{
    const char *values[] = {"83a162 01 a161 02 a163 03", "c405 0102030405", "d9 03 616263", "dc0002 c0c0",
                            "cb3ff0000000000000", "c70305616263", "ce7fffffff"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        wode_value whole = from_hex(values[i]);
        CHECK(!wode_failed(wode_decode(whole.bytes, whole.size)));
        for (uint32_t size = 0; size < whole.size; size++)
            CHECK_TEXT(wode_code(wode_decode(whole.bytes, size)), "bad-value");
    }
}

TEST(what_is_no_value_is_told)
{
    wode_value two = from_hex("0102"), never = from_hex("c1"), large = from_hex("ddffffffff");
    CHECK_FAILURE(wode_decode(two.bytes, 2), "bad-value", "no value: there is more behind it");
    CHECK_FAILURE(wode_decode(never.bytes, 1), "bad-value", "no value: it is not well-formed");
    CHECK_FAILURE(wode_decode(large.bytes, 5), "bad-value", "no value: it is not well-formed");
}

TEST(values_may_be_64_deep_and_no_more)
{
    uint8_t deep[66];
    memset(deep, 0x91, sizeof deep);
    deep[64] = 0x07;
    wode_value value = wode_decode(deep, 65);
    CHECK(!wode_failed(value));
    CHECK(wode_encode(value).size == 65);
    CHECK_TEXT(wode_code(wode_encode(WODE_ARRAY(value))), "bad-value");
    deep[64] = 0x91;
    deep[65] = 0x07;
    CHECK_FAILURE(wode_decode(deep, 66), "bad-value", "no value: it is nested more than 64 deep");
}
