/* Calls to the host, but for those about nested jobs. */
#include <string.h>

#include "imports.h"

/* Gives a value to a function of the host that may refuse it. */
static wode_value hand_over(void (*take)(const void *, size_t, wode_answer *), wode_value value)
{
    if (wode_failed(value)) return value;
    wode_value encoded = wode_encode(value);
    if (wode_failed(encoded)) return encoded;
    wode_answer answer;
    take(encoded.bytes, encoded.size, &answer);
    return answer.is_error ? wode_fail("not-taken", wode_host_text(answer.list)) : wode_nil();
}

/* ---- Host, log, clock, random -------------------------------------------- */

const char *wode_host_name(void)
{
    wode_list name;
    wode_import_host_name(&name);
    return wode_host_text(name);
}

wode_value wode_host_config(void)
{
    wode_list config;
    wode_import_host_config(&config);
    return wode_lift(config);
}

const char *wode_host_env(const char *name)
{
    wode_maybe_list variable;
    wode_import_host_env(name, strlen(name), &variable);
    return variable.some ? wode_host_text(variable.list) : NULL;
}

void wode_log(wode_level level, const char *line)
{
    wode_import_log_write(level, line, strlen(line));
}

void wode_clock_sleep(uint64_t ms)
{
    wode_import_clock_sleep(ms);
}

uint64_t wode_clock_now(void)
{
    return wode_import_clock_now_ms();
}

/* So many the host gives at once. */
#define RANDOM_MAX 65536

void wode_random_bytes(void *bytes, size_t size)
{
    uint8_t *to = bytes;
    while (size > 0) {
        size_t part = size < RANDOM_MAX ? size : RANDOM_MAX;
        wode_arena_mark mark = wode_mark();
        wode_list random;
        wode_import_random_bytes((uint32_t)part, &random);
        memcpy(to, random.start, part);
        wode_release(mark);
        to += part;
        size -= part;
    }
}

uint64_t wode_random_seed(void)
{
    uint64_t seed;
    wode_random_bytes(&seed, sizeof seed);
    return seed;
}

/* ---- The attempt that is running ------------------------------------------ */

const char *wode_task_id(void)
{
    wode_list id;
    wode_import_task_id(&id);
    return wode_host_text(id);
}

const char *wode_task_group(void)
{
    wode_list group;
    wode_import_task_group(&group);
    return wode_host_text(group);
}

uint32_t wode_task_attempt(void)
{
    return wode_import_task_attempt();
}

uint64_t wode_task_retries_left(void)
{
    wode_maybe_u32 left;
    wode_import_task_retries_left(&left);
    return left.some ? left.n : WODE_WITHOUT_END;
}

void wode_task_set_name(const char *name)
{
    wode_import_task_set_name(name, strlen(name));
}

wode_value wode_task_data(void)
{
    wode_list data;
    wode_import_task_data(&data);
    return wode_lift(data);
}

wode_value wode_task_update(wode_value state)
{
    return hand_over(wode_import_task_update_data, state);
}

wode_value wode_task_emit(wode_value value)
{
    return hand_over(wode_import_task_emit, value);
}

void wode_task_keepalive(void)
{
    wode_import_task_keepalive();
}

bool wode_task_stopping(void)
{
    return wode_import_task_stopping();
}

wode_value wode_task_success(wode_value result)
{
    if (wode_failed(result)) return result;
    wode_value encoded = wode_encode(result);
    if (wode_failed(encoded)) return encoded;
    wode_import_task_success(1, encoded.bytes, encoded.size);
    __builtin_trap();
}

wode_value wode_task_failure(wode_value error)
{
    wode_value encoded = wode_encode(wode_failed(error) ? *error.failure : error);
    if (wode_failed(encoded)) return encoded;
    wode_import_task_failure(1, encoded.bytes, encoded.size);
    __builtin_trap();
}

WODE_NORETURN void wode_task_success_with_state(void)
{
    wode_import_task_success(0, NULL, 0);
    __builtin_trap();
}

WODE_NORETURN void wode_task_failure_with_state(void)
{
    wode_import_task_failure(0, NULL, 0);
    __builtin_trap();
}

WODE_NORETURN void wode_task_restart(void)
{
    wode_import_task_restart();
    __builtin_trap();
}

/* ---- The board ------------------------------------------------------------ */

void wode_board_say(const char *line)
{
    wode_import_board_say(line, strlen(line));
}

void wode_board_look(wode_look look)
{
    wode_import_board_set_look(look);
}

void wode_board_pin(bool on)
{
    wode_import_board_pin(on);
}

void wode_board_start(uint64_t total)
{
    wode_import_board_start(total);
}

wode_value wode_board_tick(uint64_t n)
{
    wode_answer answer;
    wode_import_board_tick(n, &answer);
    return answer.is_error ? wode_fail("not-taken", wode_host_text(answer.list)) : wode_nil();
}

void wode_board_complete(void)
{
    wode_import_board_complete();
}

void wode_board_clear(void)
{
    wode_import_board_clear();
}

/* ---- Checkpoints ---------------------------------------------------------- */

const wode_value *wode_checkpoint_load(void)
{
    wode_maybe_list saved;
    wode_import_checkpoint_load(&saved);
    if (!saved.some) return NULL;
    wode_value *value = wode_alloc(sizeof *value);
    *value = wode_lift(saved.list);
    return value;
}

wode_value wode_checkpoint_save(wode_value state)
{
    return hand_over(wode_import_checkpoint_save, state);
}
