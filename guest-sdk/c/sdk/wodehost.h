/* Writes plugins for Wodehost in C. README.md is the tutorial, REFERENCE.md the
 * list of everything; the contract itself is Wodehost's wit/ folder.
 *
 * Memory: whatever these functions give is theirs, and lasts until the entry
 * point that the host called returns. wode_keep and wode_keep_text make copies
 * that last; wode_mark and wode_release give memory back earlier, in long loops. */
#ifndef WODEHOST_H
#define WODEHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WODE_NORETURN __attribute__((noreturn))

/* ---- Values ------------------------------------------------------------- */

/* What a value is. */
typedef enum {
    WODE_NIL,
    WODE_BOOL,
    WODE_INT,     /* INT64_MIN to INT64_MAX: `integer` */
    WODE_UINT,    /* what is larger, up to UINT64_MAX: `natural` */
    WODE_F32,     /* `single` */
    WODE_F64,     /* `number` */
    WODE_TEXT,    /* UTF-8: `text` has `size` bytes, and a NUL behind them */
    WODE_BIN,     /* `bytes` has `size` bytes */
    WODE_ARRAY,   /* `items` has `size` items */
    WODE_MAP,     /* `pairs` has `size` pairs, in their order */
    WODE_EXT,     /* as WODE_BIN, with the type in `ext_type`; -1 is a timestamp */
    WODE_RAW,     /* MessagePack that is handed on unread: `bytes`, `size` */
    WODE_FAILURE, /* no value but the reason why there is none: `failure` */
} wode_kind;

typedef struct wode_value wode_value;
typedef struct wode_pair wode_pair;

/* One value. Copies share their items and texts. All zeroes are nil. */
struct wode_value {
    uint8_t kind; /* a wode_kind */
    int8_t ext_type;
    uint8_t room; /* of the SDK: how many items fit, as a power of two */
    uint32_t size;
    union {
        bool boolean;
        int64_t integer;
        uint64_t natural;
        float single;
        double number;
        const char *text;
        const uint8_t *bytes;
        wode_value *items;
        wode_pair *pairs;
        const wode_value *failure;
    };
    /* Of the SDK: what the value was read from, see wode_as_it_came. */
    const uint8_t *source;
    uint32_t source_size;
};

/* A key and its value. */
struct wode_pair {
    wode_value key;
    wode_value value;
};

wode_value wode_nil(void);
wode_value wode_bool(bool b);
wode_value wode_int(int64_t n);
wode_value wode_uint(uint64_t n);
wode_value wode_f32(float x);
wode_value wode_f64(double x);
/* A C string, which is not copied; NULL is nil. */
wode_value wode_text(const char *text);
/* `size` bytes of text, which may hold NUL; copied. */
wode_value wode_text_of(const char *text, size_t size);
/* A text as printf makes it. */
wode_value wode_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Bytes, which are not copied. */
wode_value wode_bin(const void *bytes, size_t size);
wode_value wode_ext(int8_t type, const void *bytes, size_t size);
/* Seconds since 1970 and nanoseconds below 1e9. */
wode_value wode_timestamp(int64_t seconds, uint32_t nanoseconds);
/* MessagePack that goes out as it is; the host checks it. */
wode_value wode_raw(const void *bytes, size_t size);
/* What `value` was read from, byte for byte, whatever was done to it since. Of a
 * value that was not read but made: the value itself. */
wode_value wode_as_it_came(wode_value value);

/* An empty array, and an item at its end. */
wode_value wode_array(void);
void wode_push(wode_value *array, wode_value item);
/* An empty map. `wode_set` puts a value under a text, in place of what is there;
 * `wode_put` adds any key at the end and does not look for an equal one. */
wode_value wode_map(void);
void wode_set(wode_value *map, const char *key, wode_value value);
void wode_put(wode_value *map, wode_value key, wode_value value);
/* What is under a text: NULL, or nil, when there is nothing or `map` is no map. */
const wode_value *wode_find(wode_value map, const char *key);
wode_value wode_get(wode_value map, const char *key);
/* The same from a list; the macros WODE_MAP and WODE_ARRAY need no count. */
typedef struct {
    const char *key;
    wode_value value;
} wode_entry;
wode_value wode_map_of(const wode_entry *entries, size_t count);
wode_value wode_array_of(const wode_value *items, size_t count);
/* Whether two values are the same, as the contract tells them apart: 1 is not
 * 1.0, a text is not binary, a float of 32 bits is none of 64. */
bool wode_equal(wode_value a, wode_value b);
/* Whether `value` is this text. */
bool wode_is_text(wode_value value, const char *text);
/* Seconds and nanoseconds of a timestamp; false when `value` is none. */
bool wode_is_timestamp(wode_value value, int64_t *seconds, uint32_t *nanoseconds);

/* What it is in the words of a failure: "a map", "the integer `7`". */
const char *wode_describe(wode_value value);

/* Reads one value. A failure `bad-value` when it is none. */
wode_value wode_decode(const void *bytes, size_t size);
/* Writes one value, to a WODE_BIN. A failure `bad-value` that says where and why
 * when it cannot be written. */
wode_value wode_encode(wode_value value);

/* ---- Failures ----------------------------------------------------------- */

/* A failure value {"code", "message"}; without a code when `code` is NULL. */
wode_value wode_fail(const char *code, const char *message);
/* A failure whose value is exactly `value`. */
wode_value wode_fail_value(wode_value value);
/* The failure with one more text in its `causes`. */
wode_value wode_cause(wode_value failure, const char *cause);
/* Whether it is a failure, its code ("" when it has none) and its message. */
bool wode_failed(wode_value value);
const char *wode_code(wode_value failure);
const char *wode_message(wode_value failure);

/* A failure with a message as printf makes it. */
wode_value wode_failf(const char *code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define WODE_FAIL(code, ...) wode_failf(code, __VA_ARGS__)

/* Returns from the function around it when `expression` is a failure. */
#define WODE_TRY(expression)               \
    do {                                   \
        wode_value wode_try_ = (expression); \
        if (wode_failed(wode_try_)) return wode_try_; \
    } while (0)

/* Writes `message` to stderr and traps: for what must not happen. */
WODE_NORETURN void wode_panic(const char *message);

/* ---- Typed reading ------------------------------------------------------ */

/* The C type that a value is to be stored as. */
typedef enum {
    WODE_AS_VALUE,
    WODE_AS_BOOL,
    WODE_AS_SIGNED,
    WODE_AS_UNSIGNED,
    WODE_AS_FLOAT,
    WODE_AS_TEXT,
} wode_as;

/* Where in a value something is, and where it is to be stored. Made by
 * WODE_WHOLE, WODE_KEY, WODE_KEY_OR, WODE_ITEM and WODE_ITEM_OR. */
typedef struct {
    const char *key; /* NULL: the item `index`, or the whole value */
    int64_t index;   /* -1: the whole value */
    void *place;
    uint8_t as; /* a wode_as */
    uint8_t width;
    bool optional;
} wode_place;

/* Stores what `places` say. The first that does not fit gives a failure `code`,
 * which says where it is, what was expected and what was found. */
wode_value wode_read(const char *code, wode_value value, const wode_place *places, size_t count);

#ifndef __cplusplus
#define WODE_AS(pointer)                                                        \
    _Generic((pointer),                                                         \
        wode_value *: WODE_AS_VALUE,                                            \
        bool *: WODE_AS_BOOL,                                                   \
        signed char *: WODE_AS_SIGNED, short *: WODE_AS_SIGNED,                 \
        int *: WODE_AS_SIGNED, long *: WODE_AS_SIGNED,                          \
        long long *: WODE_AS_SIGNED,                                            \
        unsigned char *: WODE_AS_UNSIGNED, unsigned short *: WODE_AS_UNSIGNED,  \
        unsigned int *: WODE_AS_UNSIGNED, unsigned long *: WODE_AS_UNSIGNED,    \
        unsigned long long *: WODE_AS_UNSIGNED,                                 \
        float *: WODE_AS_FLOAT, double *: WODE_AS_FLOAT,                        \
        const char **: WODE_AS_TEXT)
#define WODE_PLACE(key, index, pointer, optional) \
    {(key), (index), (pointer), WODE_AS(pointer), sizeof *(pointer), (optional)}
/* The value itself, an integer `n` for example: WODE_WHOLE(&n). */
#define WODE_WHOLE(pointer) WODE_PLACE(NULL, -1, pointer, false)
/* What a map has under a text. With _OR the variable keeps what it holds when
 * there is nothing, or nil. */
#define WODE_KEY(key, pointer) WODE_PLACE(key, 0, pointer, false)
#define WODE_KEY_OR(key, pointer) WODE_PLACE(key, 0, pointer, true)
/* An item of an array, from 0. */
#define WODE_ITEM(index, pointer) WODE_PLACE(NULL, index, pointer, false)
#define WODE_ITEM_OR(index, pointer) WODE_PLACE(NULL, index, pointer, true)

#define WODE_READ_(code, value, ...)                      \
    wode_read(code, value, (const wode_place[]){__VA_ARGS__}, \
              sizeof((const wode_place[]){__VA_ARGS__}) / sizeof(wode_place))
/* A job's arguments (a failure is `bad-argument`), the plugin's configuration
 * (`bad-config`), any other value (`bad-value`). */
#define WODE_ARGUMENTS(job, ...) WODE_READ_("bad-argument", job, __VA_ARGS__)
#define WODE_CONFIG(...) WODE_READ_("bad-config", wode_host_config(), __VA_ARGS__)
#define WODE_READ(value, ...) WODE_READ_("bad-value", value, __VA_ARGS__)

/* A map of pairs {"key", value}, an array of items. */
#define WODE_MAP(...)                             \
    wode_map_of((const wode_entry[]){__VA_ARGS__}, \
                sizeof((const wode_entry[]){__VA_ARGS__}) / sizeof(wode_entry))
#define WODE_ARRAY(...)                             \
    wode_array_of((const wode_value[]){__VA_ARGS__}, \
                  sizeof((const wode_value[]){__VA_ARGS__}) / sizeof(wode_value))
#endif

/* ---- Memory ------------------------------------------------------------- */

/* Memory that lasts until the entry point returns. Never NULL: when there is no
 * more the attempt ends with a trap, and stderr says so. */
void *wode_alloc(size_t size);
/* A copy that lasts as long as the sandbox. */
wode_value wode_keep(wode_value value);
const char *wode_keep_text(const char *text);
/* Gives back all that was handed out since the mark. */
typedef struct {
    void *chunk;
    size_t used;
} wode_arena_mark;
wode_arena_mark wode_mark(void);
void wode_release(wode_arena_mark mark);

/* ---- Host, log, clock, random ------------------------------------------- */

const char *wode_host_name(void);
wode_value wode_host_config(void);
/* NULL when it is not set or not granted. */
const char *wode_host_env(const char *name);

typedef enum { WODE_ERROR, WODE_WARN, WODE_INFO, WODE_DEBUG } wode_level;
void wode_log(wode_level level, const char *text);
void wode_logf(wode_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

void wode_clock_sleep(uint64_t ms);
/* Milliseconds since 1970. */
uint64_t wode_clock_now(void);

/* Fills `size` bytes; any number. */
void wode_random_bytes(void *bytes, size_t size);
uint64_t wode_random_seed(void);

/* ---- The attempt that is running (workers) ------------------------------- */

/* Without end, of wode_task_retries_left. */
#define WODE_WITHOUT_END UINT64_MAX
const char *wode_task_id(void);
const char *wode_task_group(void);
uint32_t wode_task_attempt(void);
uint64_t wode_task_retries_left(void);
void wode_task_set_name(const char *name);
wode_value wode_task_data(void);
/* Nil, or a failure `not-taken` or `bad-value`. */
wode_value wode_task_update(wode_value state);
wode_value wode_task_emit(wode_value value);
void wode_task_keepalive(void);
bool wode_task_stopping(void);
/* These end the attempt. The first two return only what is wrong with a value that
 * cannot be written: `return wode_task_success(v);`. */
wode_value wode_task_success(wode_value result);
wode_value wode_task_failure(wode_value error);
WODE_NORETURN void wode_task_success_with_state(void);
WODE_NORETURN void wode_task_failure_with_state(void);
WODE_NORETURN void wode_task_restart(void);

/* ---- The board ----------------------------------------------------------- */

typedef enum {
    WODE_LOOK_NORMAL,
    WODE_LOOK_SUCCESS,
    WODE_LOOK_WARNING,
    WODE_LOOK_ERROR
} wode_look;
void wode_board_say(const char *text);
void wode_board_look(wode_look look);
void wode_board_pin(bool on);
void wode_board_start(uint64_t total);
/* Nil, or a failure `not-taken` before the start. */
wode_value wode_board_tick(uint64_t n);
void wode_board_complete(void);
void wode_board_clear(void);

/* ---- Dispatches and outcomes --------------------------------------------- */

/* A job for a worker. */
typedef struct {
    const char *worker; /* NULL: no job */
    wode_value args;    /* an array */
    wode_value options; /* a map, or nil */
} wode_dispatch;

wode_dispatch wode_to(const char *worker);
void wode_arg(wode_dispatch *job, wode_value argument);
void wode_option(wode_dispatch *job, const char *key, wode_value value);

typedef enum {
    WODE_UNSPECIFIED,
    WODE_SUCCESS,
    WODE_FAILED,
    WODE_TIMEOUT,
    WODE_MIXED,
    WODE_REJECTED,
    WODE_CANCELLED,
} wode_status;
/* The name as the contract writes it. */
const char *wode_status_name(wode_status status);

/* What a finished job leaves. */
typedef struct {
    const char *id;
    const char *worker;
    wode_status status;
    const char *reason;
    const char *message; /* NULL when there is none */
    uint32_t attempts;
    wode_value data;
    wode_value more;
} wode_outcome;
/* The result on success; otherwise a failure with the reason as its code. */
wode_value wode_result(const wode_outcome *outcome);

/* A value that a job sent while it ran. */
typedef struct {
    const char *job_id;
    uint32_t attempt;
    uint64_t seq;
    wode_value data;
} wode_emitted;

/* ---- Jobs inside a job (workers) ------------------------------------------ */

typedef struct {
    uint32_t handle;
} wode_job;

/* No timeout, and no grace. */
#define WODE_FOR_EVER UINT64_MAX
#define WODE_NO_GRACE UINT64_MAX

/* Nil and the job, or a failure whose code is the name of the contract's submit
 * error (`no-slot`, `limit` …) and whose message is the host's text. */
wode_value wode_jobs_submit(const wode_dispatch *what, wode_job *job);
/* Returns when the job has started, or why it has not. */
wode_value wode_jobs_submit_within(const wode_dispatch *what, uint64_t timeout_ms, wode_job *job);
/* The index of one that ended, -1 when the timeout passed. */
int64_t wode_jobs_wait_any(const wode_job *jobs, size_t count, uint64_t timeout_ms);
const char *wode_job_id(wode_job job);
bool wode_job_done(wode_job job);
/* False: not ended in time, or paused by this attempt. */
bool wode_job_wait(wode_job job, uint64_t timeout_ms, wode_outcome *outcome);
/* Waits for the result; a failure with the reason as its code. */
wode_value wode_job_result(wode_job job);
void wode_job_cancel(wode_job job, uint64_t grace_ms);
void wode_job_pause(wode_job job);
void wode_job_resume(wode_job job);
/* Gives the handle back; does not cancel the job. */
void wode_job_drop(wode_job job);

/* One worker over the items of an array, a few at a time:
 *     wode_each each = wode_each_of("measure", paths);
 *     wode_value size;
 *     while (wode_each_next(&each, &size)) …
 * Results come in the order of the items; one that fails is a failure. Where the
 * host has no room for another job the oldest is waited for. */
typedef struct {
    wode_dispatch what; /* add options here */
    wode_value items;
    uint32_t in_flight; /* 1 to WODE_IN_FLIGHT_MAX; 16 at first */
    uint32_t next, first; /* of the SDK: the next to submit, the oldest in flight */
    struct wode_submitted *submitted;
} wode_each;
#define WODE_IN_FLIGHT_MAX 256
wode_each wode_each_of(const char *worker, wode_value items);
bool wode_each_next(wode_each *each, wode_value *result);

/* ---- Checkpoints (producers and consumers) -------------------------------- */

/* What was saved last. NULL at the very first start. */
const wode_value *wode_checkpoint_load(void);
/* Nil, or a failure `not-taken` or `bad-value`. */
wode_value wode_checkpoint_save(wode_value state);

/* ---- Entry points --------------------------------------------------------- */

/* A gate's answer: let a job start; or a number of milliseconds to hold jobs back. */
#define WODE_GO (-1)

/* Of the SDK: what the entry points below hand to it. */
void *wode_run_worker(wode_value (*worker)(wode_value), const uint8_t *job, size_t size);
void *wode_run_plain(wode_value (*function)(void));
void *wode_run_producer(wode_value (*producer)(wode_dispatch *));
void *wode_run_consumer(wode_value (*consumer)(wode_value, const wode_outcome *), const void *arguments);
void *wode_run_on_emit(wode_value (*on_emit)(const wode_emitted *), const char *id, size_t id_size,
                       uint32_t attempt, uint64_t seq, const uint8_t *value, size_t size);
void *wode_run_gate(int64_t (*gate)(void));
void wode_end_call(void);

#ifdef __cplusplus
}
#define WODE_EXTERN_C extern "C"
#else
#define WODE_EXTERN_C
#endif

#ifdef __wasm__
#define WODE_EXPORT(name) WODE_EXTERN_C __attribute__((export_name(name)))
#else
#define WODE_EXPORT(name) WODE_EXTERN_C
#endif

/* Each of these begins a function, whose body follows. A plugin has those that it
 * needs, each once. All return nil, a result (a worker's), or a failure. */

/* WODE_WORKER(job) { … } with `wode_value job`: once per job. */
#define WODE_WORKER(job)                                                        \
    static wode_value wode_worker_(wode_value job);                             \
    WODE_EXPORT("run") void *wode_export_run(const uint8_t *bytes, size_t size) \
    {                                                                           \
        return wode_run_worker(wode_worker_, bytes, size);                      \
    }                                                                           \
    WODE_EXPORT("cabi_post_run") void wode_export_post_run(void *answer)        \
    {                                                                           \
        (void)answer;                                                           \
        wode_end_call();                                                        \
    }                                                                           \
    static wode_value wode_worker_(wode_value job)

/* Functions without parameters: WODE_SET_UP() before a job, in the same sandbox;
 * WODE_FINISH() after the last outcome. */
#define WODE_PLAIN_(export_as, name)                                     \
    static wode_value wode_##name##_(void);                              \
    WODE_EXPORT(export_as) void *wode_export_##name(void)                \
    {                                                                    \
        return wode_run_plain(wode_##name##_);                           \
    }                                                                    \
    WODE_EXPORT("cabi_post_" export_as) void wode_export_post_##name(void *answer) \
    {                                                                    \
        (void)answer;                                                    \
        wode_end_call();                                                 \
    }                                                                    \
    static wode_value wode_##name##_(void)
#define WODE_SET_UP() WODE_PLAIN_("set-up", set_up)
#define WODE_FINISH() WODE_PLAIN_("finish", finish)

/* WODE_PRODUCER(job) { … } with `wode_dispatch *job`, to be filled in; when it is
 * left as it is, that was all. */
#define WODE_PRODUCER(job)                                         \
    static wode_value wode_producer_(wode_dispatch *job);          \
    WODE_EXPORT("next") void *wode_export_next(void)               \
    {                                                              \
        return wode_run_producer(wode_producer_);                  \
    }                                                              \
    WODE_EXPORT("cabi_post_next") void wode_export_post_next(void *answer) \
    {                                                              \
        (void)answer;                                              \
        wode_end_call();                                           \
    }                                                              \
    static wode_value wode_producer_(wode_dispatch *job)

/* WODE_CONSUMER(job, outcome) { … } with `wode_value job` and
 * `const wode_outcome *outcome`. */
#define WODE_CONSUMER(job, outcome)                                              \
    static wode_value wode_consumer_(wode_value job, const wode_outcome *outcome); \
    WODE_EXPORT("consume") void *wode_export_consume(const void *arguments)      \
    {                                                                            \
        return wode_run_consumer(wode_consumer_, arguments);                     \
    }                                                                            \
    WODE_EXPORT("cabi_post_consume") void wode_export_post_consume(void *answer) \
    {                                                                            \
        (void)answer;                                                            \
        wode_end_call();                                                         \
    }                                                                            \
    static wode_value wode_consumer_(wode_value job, const wode_outcome *outcome)

/* WODE_ON_EMIT(emitted) { … } with `const wode_emitted *emitted`. */
#define WODE_ON_EMIT(emitted)                                                     \
    static wode_value wode_on_emit_(const wode_emitted *emitted);                 \
    WODE_EXPORT("on-emit")                                                        \
    void *wode_export_on_emit(const char *id, size_t id_size, uint32_t attempt,   \
                              uint64_t seq, const uint8_t *value, size_t size)    \
    {                                                                             \
        return wode_run_on_emit(wode_on_emit_, id, id_size, attempt, seq, value, size); \
    }                                                                             \
    WODE_EXPORT("cabi_post_on-emit") void wode_export_post_on_emit(void *answer)  \
    {                                                                             \
        (void)answer;                                                             \
        wode_end_call();                                                          \
    }                                                                             \
    static wode_value wode_on_emit_(const wode_emitted *emitted)

/* WODE_GATE() { … } returns WODE_GO, or for how many milliseconds to hold jobs
 * back, as an int64_t. */
#define WODE_GATE()                                        \
    static int64_t wode_gate_(void);                       \
    WODE_EXPORT("admit") void *wode_export_admit(void)     \
    {                                                      \
        return wode_run_gate(wode_gate_);                  \
    }                                                      \
    WODE_EXPORT("cabi_post_admit") void wode_export_post_admit(void *answer) \
    {                                                      \
        (void)answer;                                      \
        wode_end_call();                                   \
    }                                                      \
    static int64_t wode_gate_(void)

#endif
