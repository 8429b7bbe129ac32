/* Values, failures and typed reading. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "sdk/internal.h"

TEST(values_are_written_in_their_shortest_form)
{
    CHECK_TEXT(hex_of(wode_nil()), "c0");
    CHECK_TEXT(hex_of(wode_text(NULL)), "c0");
    CHECK_TEXT(hex_of(wode_bool(true)), "c3");
    CHECK_TEXT(hex_of(wode_int(-33)), "d0df");
    CHECK_TEXT(hex_of(wode_uint(7)), "07");
    CHECK_TEXT(hex_of(wode_uint(UINT64_MAX)), "cfffffffffffffffff");
    CHECK_TEXT(hex_of(wode_f32(1.5f)), "ca3fc00000");
    CHECK_TEXT(hex_of(wode_f64(NAN)), "cb7ff8000000000000");
    CHECK_TEXT(hex_of(wode_text("K\xc3\xa4s")), "a44bc3a473");
    CHECK_TEXT(hex_of(wode_text_of("a\0b", 3)), "a3610062");
    CHECK_TEXT(hex_of(wode_bin("abc", 3)), "c403616263");
    CHECK_TEXT(hex_of(wode_ext(5, "ab", 2)), "d5056162");
    CHECK_TEXT(hex_of(wode_raw("\x93\x01\x02\x03", 4)), "93010203");
    CHECK_TEXT(hex_of(wode_format("%s %d", "n", 5)), "a36e2035");
    CHECK_TEXT(hex_of(WODE_MAP({"b", wode_int(1)}, {"a", WODE_ARRAY(wode_int(2), wode_nil())})),
               "82a16201a1619202c0");
}

TEST(timestamps_are_as_short_as_they_can_be)
{
    CHECK_TEXT(hex_of(wode_timestamp(0, 0)), "d6ff00000000");
    CHECK_TEXT(hex_of(wode_timestamp(INT64_C(4294967295), 0)), "d6ffffffffff");
    CHECK_TEXT(hex_of(wode_timestamp(INT64_C(4294967296), 0)), "d7ff0000000100000000");
    CHECK_TEXT(hex_of(wode_timestamp(-1, 0)), "c70cff00000000ffffffffffffffff");
    const int64_t all[][2] = {{0, 0}, {1, 1}, {-5, 999999999}, {INT64_C(17179869184), 3}, {1, 999999999}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int64_t seconds;
        uint32_t nanoseconds;
        CHECK(wode_is_timestamp(wode_timestamp(all[i][0], (uint32_t)all[i][1]), &seconds, &nanoseconds));
        CHECK(seconds == all[i][0] && nanoseconds == all[i][1]);
    }
    int64_t seconds;
    uint32_t nanoseconds;
    CHECK(!wode_is_timestamp(wode_ext(5, "abcd", 4), &seconds, &nanoseconds));
    CHECK(!wode_is_timestamp(wode_ext(-1, "abc", 3), &seconds, &nanoseconds));
}

TEST(arrays_and_maps_grow)
{
    wode_value array = wode_array(), map = wode_map();
    for (int i = 0; i < 1000; i++) {
        wode_push(&array, wode_int(i));
        wode_put(&map, wode_int(i), wode_int(-i));
    }
    CHECK(array.size == 1000 && array.items[999].integer == 999);
    CHECK(map.size == 1000 && map.pairs[999].value.integer == -999);
}

TEST(a_key_is_set_in_its_place)
{
    wode_value bytes = from_hex("82a16101a16202");
    wode_value map = wode_decode(bytes.bytes, bytes.size);
    wode_set(&map, "a", wode_text("x"));
    wode_set(&map, "c", wode_nil());
    CHECK_TEXT(hex_of(map), "83a161a178a16202a163c0");
    CHECK(wode_get(map, "b").integer == 2);
    CHECK(wode_find(map, "c") && !wode_find(map, "d"));
    CHECK(wode_get(wode_int(1), "a").kind == WODE_NIL);
    /* What it was read from stays as it was. */
    CHECK_TEXT(hex_of(wode_as_it_came(map)), "82a16101a16202");
}

TEST(as_it_came_keeps_forms_that_are_longer_than_they_need_be)
{
    wode_value bytes = from_hex("92 cd0001 d90161");
    wode_value value = wode_decode(bytes.bytes, bytes.size);
    CHECK_TEXT(hex_of(value), "9201a161");
    CHECK_TEXT(hex_of(wode_as_it_came(value)), "92cd0001d90161");
    CHECK_TEXT(hex_of(wode_as_it_came(value.items[1])), "d90161");
    CHECK_TEXT(hex_of(wode_as_it_came(wode_int(3))), "03");
}

TEST(values_are_told_apart_as_the_contract_does)
{
    CHECK(wode_equal(wode_int(1), wode_uint(1)));
    CHECK(!wode_equal(wode_int(1), wode_f64(1)));
    CHECK(!wode_equal(wode_f32(1), wode_f64(1)));
    CHECK(!wode_equal(wode_f64(0.0), wode_f64(-0.0)));
    CHECK(!wode_equal(wode_text("a"), wode_bin("a", 1)));
    CHECK(!wode_equal(wode_ext(1, "a", 1), wode_ext(2, "a", 1)));
    CHECK(wode_equal(WODE_ARRAY(wode_map()), WODE_ARRAY(wode_map())));
    CHECK(!wode_equal(WODE_MAP({"a", wode_nil()}), WODE_MAP({"b", wode_nil()})));
}

TEST(what_cannot_be_written_says_where)
{
    wode_value array = WODE_ARRAY(wode_int(1), wode_text("\xff"));
    CHECK_FAILURE(wode_encode(WODE_MAP({"names", array})), "bad-value",
                  "at .names[1]: a text that is not UTF-8");
    wode_value map = wode_map();
    wode_put(&map, wode_fail("x", "y"), wode_nil());
    CHECK_FAILURE(wode_encode(map), "bad-value", "at [key 0]: a failure has no MessagePack form");
    const char *key = "0123456789012345678901234567890123456789 and more";
    wode_value nothing = {.kind = 99};
    CHECK_FAILURE(wode_encode(WODE_MAP({key, nothing})), "bad-value",
                  "at .0123456789012345678901234567890123456789…: this is no value");
    array.items[0] = array;
    CHECK_TEXT(wode_code(wode_encode(array)), "bad-value");
    CHECK(strstr(wode_message(wode_encode(array)), "nested more than 64 deep") != NULL);
}

TEST(failures_have_codes_messages_and_causes)
{
    wode_value failure = wode_cause(wode_cause(WODE_FAIL("broken", "%d of %s", 3, "n"), "a"), "b");
    CHECK_FAILURE(failure, "broken", "3 of n");
    CHECK_TEXT(hex_of(wode_get(*failure.failure, "causes")), "92a161a162");
    CHECK_TEXT(wode_code(wode_fail(NULL, "x")), "");
    CHECK_TEXT(hex_of(*wode_fail(NULL, "x").failure), "81a76d657373616765a178");
    CHECK(!wode_failed(wode_nil()));
    CHECK_TEXT(wode_message(wode_int(1)), "");
}

TEST(typed_reading_stores_what_fits)
{
    const char *name = NULL, *other = "kept";
    bool yes = false;
    int8_t small = 0;
    uint64_t large = 0;
    long n = 0;
    double x = 0;
    float y = 0;
    wode_value list = wode_nil();
    wode_value map = WODE_MAP({"name", wode_text("Ada")}, {"yes", wode_bool(true)}, {"small", wode_int(-128)},
                              {"large", wode_uint(UINT64_MAX)}, {"n", wode_int(-70000)}, {"x", wode_int(3)},
                              {"y", wode_f64(0.5)}, {"list", wode_array()}, {"nothing", wode_nil()});
    CHECK(!wode_failed(WODE_READ(map, WODE_KEY("name", &name), WODE_KEY("yes", &yes), WODE_KEY("small", &small),
                                 WODE_KEY("large", &large), WODE_KEY("n", &n), WODE_KEY("x", &x), WODE_KEY("y", &y),
                                 WODE_KEY("list", &list), WODE_KEY_OR("none", &other), WODE_KEY_OR("nothing", &other))));
    CHECK_TEXT(name, "Ada");
    CHECK_TEXT(other, "kept");
    CHECK(yes && small == -128 && large == UINT64_MAX && n == -70000 && x == 3 && y == 0.5f);
    CHECK(list.kind == WODE_ARRAY);
}

TEST(typed_reading_says_what_does_not_fit_and_where)
{
    const char *text;
    int8_t small;
    unsigned natural;
    float single;
    bool yes;
    wode_value map = WODE_MAP({"n", wode_int(128)}, {"neg", wode_int(-1)}, {"x", wode_f64(1e300)},
                              {"nul", wode_text_of("a\0b", 3)}, {"f", wode_f64(1)}, {"b", wode_bin("", 0)});
    CHECK_FAILURE(WODE_READ(map, WODE_KEY("n", &small)), "bad-value",
                  "`n`: expected an integer of 8 bits, found the integer `128`");
    CHECK_FAILURE(WODE_READ(map, WODE_KEY("neg", &natural)), "bad-value",
                  "`neg`: expected an integer of 32 bits, not negative, found the integer `-1`");
    CHECK_FAILURE(WODE_READ(map, WODE_KEY("f", &natural)), "bad-value",
                  "`f`: expected an integer of 32 bits, not negative, found a float");
    CHECK_FAILURE(WODE_READ(map, WODE_KEY("x", &single)), "bad-value", "`x`: expected a number, found a float");
    CHECK_FAILURE(WODE_READ(map, WODE_KEY("nul", &text)), "bad-value",
                  "`nul`: expected a string, found a string with a NUL character");
    CHECK_FAILURE(WODE_READ(map, WODE_KEY("b", &text)), "bad-value", "`b`: expected a string, found binary data");
    CHECK_FAILURE(WODE_READ(map, WODE_KEY("none", &yes)), "bad-value", "`none`: expected a boolean, found nothing");
    CHECK_FAILURE(WODE_ARGUMENTS(wode_int(1), WODE_KEY("none", &yes)), "bad-argument",
                  "`none`: expected a map that has it, found the integer `1`");
    CHECK_FAILURE(WODE_ARGUMENTS(wode_array(), WODE_ITEM(0, &yes)), "bad-argument",
                  "item 0: expected a boolean, found nothing");
    CHECK_FAILURE(WODE_ARGUMENTS(wode_nil(), WODE_WHOLE(&text)), "bad-argument", "expected a string, found nil");
    CHECK_FAILURE(WODE_READ(wode_fail("first", "x"), WODE_WHOLE(&text)), "first", "x");
}

TEST(memory_lasts_as_it_is_said)
{
    wode_value kept = wode_keep(WODE_MAP({"a", WODE_ARRAY(wode_text("x"), wode_bin("yz", 2))}));
    const char *kept_text = wode_keep_text("text");
    wode_arena_clear();
    memset(wode_alloc(1000), 0xff, 1000);
    CHECK_TEXT(hex_of(kept), "81a16192a178c402797a");
    CHECK_TEXT(kept_text, "text");

    wode_arena_mark mark = wode_mark();
    void *first = wode_alloc(10);
    for (int i = 0; i < 100; i++) memset(wode_alloc(10000), 1, 10000);
    wode_release(mark);
    CHECK(wode_alloc(10) == first);
}

static void push_to_a_map(void)
{
    wode_value map = wode_map();
    wode_push(&map, wode_nil());
}

static void ask_for_too_much(void)
{
    wode_alloc(SIZE_MAX);
}

TEST(misuse_and_lack_of_memory_end_with_a_text)
{
    CHECK_TEXT(panic_of(push_to_a_map), "wode_push: not an array\n");
    CHECK_TEXT(panic_of(ask_for_too_much), "out of memory\n");
}
