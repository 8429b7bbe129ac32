/* Tests: TEST(a_sentence) { CHECK(…); } registers itself. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "sdk/wodehost.h"

typedef struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
} test;

void check_register(test *t);
void check_that(bool right, const char *what, const char *file, int line);
void check_texts(const char *got, const char *wanted, const char *file, int line);

#define TEST(name)                                                     \
    static void name(void);                                            \
    __attribute__((constructor)) static void register_##name(void)     \
    {                                                                  \
        static test t = {#name, name, NULL};                           \
        check_register(&t);                                            \
    }                                                                  \
    static void name(void)

#define CHECK(what) check_that(what, #what, __FILE__, __LINE__)
#define CHECK_TEXT(got, wanted) check_texts(got, wanted, __FILE__, __LINE__)
/* That it is a failure with this code and message. */
#define CHECK_FAILURE(value, code, message)    \
    do {                                       \
        wode_value failed_ = (value);          \
        CHECK(wode_failed(failed_));           \
        CHECK_TEXT(wode_code(failed_), code);  \
        CHECK_TEXT(wode_message(failed_), message); \
    } while (0)

/* Values written as hexadecimal digits: to bytes of the arena, and back. */
wode_value from_hex(const char *hex);
const char *to_hex(wode_value encoded);
/* A value as it is written. */
const char *hex_of(wode_value value);
/* Runs something that is to panic in a process of its own; what it says on stderr,
 * or "" when it ends well. */
const char *panic_of(void (*run)(void));

extern const char *vectors_path;

#endif
