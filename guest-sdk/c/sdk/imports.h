/* What the contract (wodehost:plugin@0.1.0) lets a plugin import, in the canonical
 * ABI: a text or list is its start and size, an option is a flag and the value, and
 * what is more than a number is written behind the last parameter. Tests, which run
 * without a host, define these functions themselves. */
#ifndef WODEHOST_IMPORTS_H
#define WODEHOST_IMPORTS_H

#include "internal.h"

#ifdef __wasm__
#define IMPORT(interface, name) \
    __attribute__((import_module("wodehost:plugin/" interface "@0.1.0"), import_name(name))) extern
#else
#define IMPORT(interface, name) extern
#endif

typedef struct {
    uint8_t some;
    uint32_t n;
} wode_maybe_u32;

typedef struct {
    uint8_t some;
    wode_abi_outcome outcome;
} wode_maybe_outcome;

/* result<job, submit-error>: the handle, or a case and its text. */
typedef struct {
    uint8_t is_error;
    union {
        uint32_t handle;
        struct {
            uint8_t number;
            wode_list text;
        } error;
    };
} wode_submitted_answer;

IMPORT("host", "name") void wode_import_host_name(wode_list *);
IMPORT("host", "config") void wode_import_host_config(wode_list *);
IMPORT("host", "env") void wode_import_host_env(const char *, size_t, wode_maybe_list *);
IMPORT("log", "write") void wode_import_log_write(uint32_t, const char *, size_t);
IMPORT("clock", "sleep") void wode_import_clock_sleep(uint64_t);
IMPORT("clock", "now-ms") uint64_t wode_import_clock_now_ms(void);
IMPORT("random", "bytes") void wode_import_random_bytes(uint32_t, wode_list *);

IMPORT("task", "id") void wode_import_task_id(wode_list *);
IMPORT("task", "group") void wode_import_task_group(wode_list *);
IMPORT("task", "attempt") uint32_t wode_import_task_attempt(void);
IMPORT("task", "retries-left") void wode_import_task_retries_left(wode_maybe_u32 *);
IMPORT("task", "set-name") void wode_import_task_set_name(const char *, size_t);
IMPORT("task", "data") void wode_import_task_data(wode_list *);
IMPORT("task", "update-data") void wode_import_task_update_data(const void *, size_t, wode_answer *);
IMPORT("task", "keepalive") void wode_import_task_keepalive(void);
IMPORT("task", "emit") void wode_import_task_emit(const void *, size_t, wode_answer *);
IMPORT("task", "success") void wode_import_task_success(uint32_t, const void *, size_t);
IMPORT("task", "failure") void wode_import_task_failure(uint32_t, const void *, size_t);
IMPORT("task", "restart") void wode_import_task_restart(void);
IMPORT("task", "stopping") uint32_t wode_import_task_stopping(void);

IMPORT("board", "say") void wode_import_board_say(const char *, size_t);
IMPORT("board", "set-look") void wode_import_board_set_look(uint32_t);
IMPORT("board", "pin") void wode_import_board_pin(uint32_t);
IMPORT("board", "start") void wode_import_board_start(uint64_t);
IMPORT("board", "tick") void wode_import_board_tick(uint64_t, wode_answer *);
IMPORT("board", "complete") void wode_import_board_complete(void);
IMPORT("board", "clear") void wode_import_board_clear(void);

IMPORT("checkpoint", "load") void wode_import_checkpoint_load(wode_maybe_list *);
IMPORT("checkpoint", "save") void wode_import_checkpoint_save(const void *, size_t, wode_answer *);

IMPORT("jobs", "submit")
void wode_import_jobs_submit(const void *worker, size_t worker_size, const void *args,
                             size_t args_count, uint32_t has_options, const void *options,
                             size_t options_size, uint32_t has_timeout, uint64_t timeout_ms,
                             wode_submitted_answer *);
IMPORT("jobs", "wait-any")
void wode_import_jobs_wait_any(const uint32_t *jobs, size_t count, uint32_t has_timeout,
                               uint64_t timeout_ms, wode_maybe_u32 *);
IMPORT("jobs", "[method]job.id") void wode_import_job_id(uint32_t, wode_list *);
IMPORT("jobs", "[method]job.done") uint32_t wode_import_job_done(uint32_t);
IMPORT("jobs", "[method]job.wait")
void wode_import_job_wait(uint32_t, uint32_t has_timeout, uint64_t timeout_ms, wode_maybe_outcome *);
IMPORT("jobs", "[method]job.cancel")
void wode_import_job_cancel(uint32_t, uint32_t has_grace, uint64_t grace_ms);
IMPORT("jobs", "[method]job.pause") void wode_import_job_pause(uint32_t);
IMPORT("jobs", "[method]job.resume") void wode_import_job_resume(uint32_t);
IMPORT("jobs", "[resource-drop]job") void wode_import_job_drop(uint32_t);

#endif
