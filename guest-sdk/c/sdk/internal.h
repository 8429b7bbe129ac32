/* What the files of the SDK share, and plugins do not see. */
#ifndef WODEHOST_INTERNAL_H
#define WODEHOST_INTERNAL_H

#include "wodehost.h"

/* The contract's limit on nesting. */
#define WODE_DEPTH_MAX 64

/* Texts as the canonical ABI hands them over. On wasm32 these structs lie in memory
 * as the contract's types do, so they need no other code there. */
typedef struct {
    const void *start;
    size_t size;
} wode_list;

typedef struct {
    uint8_t some;
    wode_list list;
} wode_maybe_list;

/* result<_, string>, and result<value, value>. */
typedef struct {
    uint8_t is_error;
    wode_list list;
} wode_answer;

typedef struct {
    wode_list id;
    wode_list worker;
    uint8_t status;
    wode_list reason;
    wode_list data;
    uint32_t attempts;
    wode_maybe_list message;
    wode_list more;
} wode_abi_outcome;

typedef struct {
    wode_list worker;
    wode_list args;
    wode_maybe_list options;
} wode_abi_dispatch;

/* Gives back everything of this call. */
void wode_arena_clear(void);
/* From here to `wode_keep_end` memory is handed out that lasts. */
void wode_keep_begin(void);
void wode_keep_end(void);

/* Texts put together, the last argument being NULL. */
const char *wode_join(const char *first, ...) __attribute__((sentinel));
/* A number as text. */
const char *wode_digits(uint64_t n);
/* What printf makes, in the arena. */
const char *wode_print(const char *format, __builtin_va_list arguments);
/* `size` bytes with a NUL behind them. */
const char *wode_copy_text(const void *bytes, size_t size);

/* A failure `code` with texts put together; the last argument is NULL. */
wode_value wode_problem(const char *code, const char *first, ...) __attribute__((sentinel));

/* A text of the host: it has a NUL behind it, see arena.c. */
static inline const char *wode_host_text(wode_list list)
{
    return list.size > 0 ? (const char *)list.start : ""; /* An empty one may come without memory. */
}

/* A value of the host, which has checked it. */
wode_value wode_lift(wode_list list);
void wode_lift_outcome(const wode_abi_outcome *from, wode_outcome *to);
/* Nil, or what cannot be written. */
wode_value wode_lower_dispatch(const wode_dispatch *from, wode_abi_dispatch *to);

#endif
