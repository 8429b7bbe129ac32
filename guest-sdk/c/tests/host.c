/* What the host would do, played. */
#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

played_host played;

void host_reset(void)
{
    played = (played_host){.retries_left = 3, .places = UINT32_MAX, .submit_error = -1, .failing_job = UINT32_MAX};
}

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    size_t used = strlen(played.told);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(played.told + used, sizeof played.told - used, format, arguments);
    va_end(arguments);
    strncat(played.told, "\n", sizeof played.told - strlen(played.told) - 1);
}

/* What the host hands over is allocated by the plugin. */
static wode_list hand(const void *bytes, size_t size)
{
    void *to = wode_export_realloc(NULL, 0, 1, size);
    memcpy(to, bytes, size);
    return (wode_list){to, size};
}

static wode_list hand_text(const char *text)
{
    return hand(text, strlen(text));
}

static wode_list hand_value(wode_value encoded)
{
    return encoded.kind == WODE_NIL ? hand("\x80", 1) : hand(encoded.bytes, encoded.size);
}

static void take(const char *call, const void *bytes, size_t size, wode_answer *answer)
{
    tell("%s %s", call, to_hex(wode_bin(bytes, size)));
    *answer = (wode_answer){played.refusal != NULL, hand_text(played.refusal ? played.refusal : "")};
}

void wode_import_host_name(wode_list *name) { *name = hand_text("job/1"); }
void wode_import_host_config(wode_list *config) { *config = hand_value(played.config); }

void wode_import_host_env(const char *name, size_t size, wode_maybe_list *variable)
{
    tell("env %.*s", (int)size, name);
    *variable = (wode_maybe_list){played.variable != NULL, hand_text(played.variable ? played.variable : "")};
}

void wode_import_log_write(uint32_t level, const char *line, size_t size)
{
    tell("log %u %.*s", level, (int)size, line);
}

void wode_import_clock_sleep(uint64_t ms) { tell("sleep %llu", (unsigned long long)ms); }
uint64_t wode_import_clock_now_ms(void) { return 1000; }

void wode_import_random_bytes(uint32_t count, wode_list *bytes)
{
    tell("random %u", count);
    void *to = wode_export_realloc(NULL, 0, 1, count);
    memset(to, 7, count);
    *bytes = (wode_list){to, count};
}

void wode_import_task_id(wode_list *id) { *id = hand_text("job"); }
void wode_import_task_group(wode_list *group) { *group = (wode_list){NULL, 0}; }
uint32_t wode_import_task_attempt(void) { return 2; }

void wode_import_task_retries_left(wode_maybe_u32 *left)
{
    *left = (wode_maybe_u32){played.retries_left != WODE_WITHOUT_END, (uint32_t)played.retries_left};
}

void wode_import_task_set_name(const char *name, size_t size) { tell("name %.*s", (int)size, name); }
void wode_import_task_data(wode_list *data) { *data = hand_value(played.data); }
void wode_import_task_update_data(const void *v, size_t n, wode_answer *a) { take("update", v, n, a); }
void wode_import_task_keepalive(void) { tell("keepalive"); }
void wode_import_task_emit(const void *v, size_t n, wode_answer *a) { take("emit", v, n, a); }

/* These do not return: the attempt is over, and here the process. */
static void end(const char *call, uint32_t some, const void *bytes, size_t size)
{
    fprintf(stderr, "%s %s", call, some ? to_hex(wode_bin(bytes, size)) : "state");
    __builtin_abort();
}

void wode_import_task_success(uint32_t some, const void *v, size_t n) { end("success", some, v, n); }
void wode_import_task_failure(uint32_t some, const void *v, size_t n) { end("failure", some, v, n); }
void wode_import_task_restart(void) { end("restart", 0, NULL, 0); }
uint32_t wode_import_task_stopping(void) { return 1; }

void wode_import_board_say(const char *text, size_t size) { tell("say %.*s", (int)size, text); }
void wode_import_board_set_look(uint32_t look) { tell("look %u", look); }
void wode_import_board_pin(uint32_t on) { tell("pin %u", on); }
void wode_import_board_start(uint64_t total) { tell("start %llu", (unsigned long long)total); }

void wode_import_board_tick(uint64_t n, wode_answer *answer)
{
    tell("tick %llu", (unsigned long long)n);
    *answer = (wode_answer){played.refusal != NULL, hand_text(played.refusal ? played.refusal : "")};
}

void wode_import_board_complete(void) { tell("complete"); }
void wode_import_board_clear(void) { tell("clear"); }

void wode_import_checkpoint_load(wode_maybe_list *saved)
{
    bool some = played.saved.kind != WODE_NIL;
    *saved = (wode_maybe_list){some, hand_value(played.saved)};
}

void wode_import_checkpoint_save(const void *v, size_t n, wode_answer *a) { take("save", v, n, a); }

void wode_import_jobs_submit(const void *worker, size_t worker_size, const void *args, size_t args_count,
                             uint32_t has_options, const void *options, size_t options_size,
                             uint32_t has_timeout, uint64_t timeout_ms, wode_submitted_answer *answer)
{
    const wode_list *each = args;
    char line[2000];
    int used = snprintf(line, sizeof line, "submit %.*s", (int)worker_size, (const char *)worker);
    for (size_t i = 0; i < args_count; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, " %s", to_hex(wode_bin(each[i].start, each[i].size)));
    if (has_options) used += snprintf(line + used, sizeof line - (size_t)used, " options %s", to_hex(wode_bin(options, options_size)));
    if (has_timeout) used += snprintf(line + used, sizeof line - (size_t)used, " within %llu", (unsigned long long)timeout_ms);
    tell("%s", line);
    *answer = (wode_submitted_answer){.is_error = 1};
    if (played.submit_error >= 0) {
        answer->error.number = (uint8_t)played.submit_error;
        answer->error.text = hand_text("why");
        return;
    }
    if (played.running == played.places) {
        answer->error.number = 2;
        answer->error.text = hand_text("live");
        return;
    }
    *answer = (wode_submitted_answer){.handle = played.submitted++};
    played.running++;
}

void wode_import_jobs_wait_any(const uint32_t *jobs, size_t count, uint32_t has_timeout,
                               uint64_t timeout_ms, wode_maybe_u32 *index)
{
    tell("wait-any %u of %zu, %u %llu", jobs[0], count, has_timeout, (unsigned long long)timeout_ms);
    *index = (wode_maybe_u32){!has_timeout, (uint32_t)count - 1};
}

void wode_import_job_id(uint32_t job, wode_list *id)
{
    char text[20];
    snprintf(text, sizeof text, "j-%u", job);
    *id = hand_text(text);
}

uint32_t wode_import_job_done(uint32_t job) { return job == 0; }

void wode_import_job_wait(uint32_t job, uint32_t has_timeout, uint64_t timeout_ms, wode_maybe_outcome *answer)
{
    tell("wait %u, %u %llu", job, has_timeout, (unsigned long long)timeout_ms);
    answer->some = !played.never_ends;
    if (played.never_ends) return;
    played.running--;
    bool fails = job == played.failing_job;
    uint8_t data = (uint8_t)(job * 2);
    wode_list id;
    wode_import_job_id(job, &id);
    answer->outcome = (wode_abi_outcome){
        .id = id,
        .worker = hand_text("w"),
        .status = fails ? WODE_FAILED : WODE_SUCCESS,
        .reason = hand_text(fails ? "error" : "returned"),
        .data = hand(&data, 1),
        .attempts = 1,
        .message = {fails, hand_text("it broke")},
        .more = hand("\x80", 1),
    };
}

void wode_import_job_cancel(uint32_t job, uint32_t has_grace, uint64_t grace_ms)
{
    tell("cancel %u, %u %llu", job, has_grace, (unsigned long long)grace_ms);
}

void wode_import_job_pause(uint32_t job) { tell("pause %u", job); }
void wode_import_job_resume(uint32_t job) { tell("resume %u", job); }
void wode_import_job_drop(uint32_t job) { tell("drop %u", job); }
