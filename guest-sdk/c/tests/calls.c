/* Calls to the host. */
#include <string.h>

#include "check.h"
#include "host.h"

TEST(configuration_is_read_or_is_bad_config)
{
    int last = 3;
    CHECK(!wode_failed(WODE_CONFIG(WODE_KEY_OR("last", &last))));
    CHECK(last == 3);
    played.config = wode_encode(WODE_MAP({"last", wode_text("x")}));
    CHECK_FAILURE(WODE_CONFIG(WODE_KEY("last", &last)), "bad-config",
                  "`last`: expected an integer of 32 bits, found a string");
}

TEST(facts_of_the_attempt_come_from_the_host)
{
    CHECK_TEXT(wode_task_id(), "job");
    CHECK_TEXT(wode_task_group(), "");
    CHECK_TEXT(wode_host_name(), "job/1");
    CHECK(wode_task_attempt() == 2 && wode_task_retries_left() == 3);
    played.retries_left = WODE_WITHOUT_END;
    CHECK(wode_task_retries_left() == WODE_WITHOUT_END);
    CHECK(wode_host_env("HOME") == NULL);
    played.variable = "value";
    CHECK_TEXT(wode_host_env("HOME"), "value");
    CHECK(wode_task_stopping() && wode_clock_now() == 1000);
    CHECK(wode_task_data().kind == WODE_MAP);
}

TEST(values_go_out_and_refusals_come_back)
{
    CHECK(!wode_failed(wode_task_update(wode_int(1))));
    CHECK(!wode_failed(wode_task_emit(wode_int(2))));
    CHECK(!wode_failed(wode_checkpoint_save(wode_int(3))));
    CHECK_TEXT(played.told, "update 01\nemit 02\nsave 03\n");
    played.refusal = "too large";
    CHECK_FAILURE(wode_task_update(wode_int(1)), "not-taken", "too large");
    CHECK_FAILURE(wode_task_emit(wode_int(1)), "not-taken", "too large");
    CHECK_FAILURE(wode_checkpoint_save(wode_int(1)), "not-taken", "too large");
    CHECK_FAILURE(wode_board_tick(1), "not-taken", "too large");
    CHECK_TEXT(wode_code(wode_task_update(wode_text("\xff"))), "bad-value");
    CHECK_TEXT(wode_code(wode_task_emit(wode_fail("mine", "x"))), "mine");
}

TEST(checkpoints_are_none_at_first)
{
    CHECK(wode_checkpoint_load() == NULL);
    played.saved = wode_encode(wode_int(5));
    CHECK(wode_checkpoint_load()->integer == 5);
}

TEST(lines_and_the_board_reach_the_host)
{
    wode_log(WODE_ERROR, "100%");
    wode_logf(WODE_DEBUG, "%d%%", 100);
    wode_board_say("working");
    wode_board_look(WODE_LOOK_WARNING);
    wode_board_pin(true);
    wode_board_start(10);
    CHECK(!wode_failed(wode_board_tick(3)));
    wode_board_complete();
    wode_board_clear();
    wode_task_set_name("me");
    wode_task_keepalive();
    wode_clock_sleep(7);
    CHECK_TEXT(played.told, "log 0 100%\nlog 3 100%\nsay working\nlook 2\npin 1\nstart 10\ntick 3\ncomplete\n"
                          "clear\nname me\nkeepalive\nsleep 7\n");
}

TEST(random_bytes_are_drawn_in_pieces_that_the_host_gives)
{
    static uint8_t bytes[100000];
    wode_random_bytes(bytes, sizeof bytes);
    CHECK(bytes[0] == 7 && bytes[sizeof bytes - 1] == 7);
    CHECK(wode_random_seed() == UINT64_C(0x0707070707070707));
    CHECK_TEXT(played.told, "random 65536\nrandom 34464\nrandom 8\n");
}

static void succeed(void) { wode_task_success(wode_int(5)); }
static void fail(void) { wode_task_failure(wode_fail_value(wode_int(6))); }
static void succeed_with_state(void) { wode_task_success_with_state(); }
static void fail_with_state(void) { wode_task_failure_with_state(); }
static void restart(void) { wode_task_restart(); }

TEST(an_attempt_can_end_early)
{
    CHECK_TEXT(panic_of(succeed), "success 05");
    CHECK_TEXT(panic_of(fail), "failure 06");
    CHECK_TEXT(panic_of(succeed_with_state), "success state");
    CHECK_TEXT(panic_of(fail_with_state), "failure state");
    CHECK_TEXT(panic_of(restart), "restart state");
    CHECK_TEXT(wode_code(wode_task_success(wode_text("\xff"))), "bad-value");
    CHECK_TEXT(wode_code(wode_task_failure(wode_text("\xff"))), "bad-value");
}

TEST(jobs_are_submitted_with_arguments_and_options)
{
    wode_dispatch what = wode_to("w");
    wode_arg(&what, wode_int(1));
    wode_arg(&what, wode_text("a"));
    wode_option(&what, "retries", wode_int(5));
    wode_option(&what, "retries", wode_int(0));
    wode_job job;
    CHECK(!wode_failed(wode_jobs_submit(&what, &job)));
    CHECK(!wode_failed(wode_jobs_submit_within(&what, 20, &job)));
    CHECK_TEXT(wode_job_id(job), "j-1");
    CHECK(!wode_job_done(job));
    wode_job_cancel(job, WODE_NO_GRACE);
    wode_job_cancel(job, 50);
    wode_job_pause(job);
    wode_job_resume(job);
    wode_job_drop(job);
    CHECK_TEXT(played.told, "submit w 01 a161 options 81a77265747269657300\n"
                          "submit w 01 a161 options 81a77265747269657300 within 20\n"
                          "cancel 1, 0 0\ncancel 1, 1 50\npause 1\nresume 1\ndrop 1\n");
}

TEST(each_submit_error_has_its_name)
{
    const char *names[] = {"no-slot", "gate", "limit", "closed", "unknown-worker", "bad-value", "bad-options",
                           "not-permitted"};
    const char *messages[] = {"no slot came free in time", "why", "why", "the host takes no more jobs", "why",
                              "why", "why", "why"};
    wode_dispatch what = wode_to("w");
    wode_job job;
    for (played.submit_error = 0; played.submit_error < 8; played.submit_error++)
        CHECK_FAILURE(wode_jobs_submit(&what, &job), names[played.submit_error], messages[played.submit_error]);
    wode_arg(&what, wode_fail("mine", "x"));
    CHECK_TEXT(wode_code(wode_jobs_submit(&what, &job)), "mine");
}

TEST(results_are_waited_for)
{
    wode_dispatch what = wode_to("w");
    wode_job jobs[3];
    for (int i = 0; i < 3; i++) CHECK(!wode_failed(wode_jobs_submit(&what, &jobs[i])));
    CHECK(wode_job_result(jobs[1]).integer == 2);
    played.failing_job = 2;
    CHECK_FAILURE(wode_job_result(jobs[2]), "error", "job j-2 of `w` gave no result: error: it broke");
    CHECK(wode_jobs_wait_any(jobs, 3, WODE_FOR_EVER) == 2);
    CHECK(wode_jobs_wait_any(jobs, 3, 10) == -1);
    played.never_ends = true;
    wode_outcome outcome;
    CHECK(!wode_job_wait(jobs[0], 10, &outcome));
    CHECK_TEXT(wode_code(wode_job_result(jobs[0])), "paused");
}

static wode_value numbers(int count)
{
    wode_value items = wode_array();
    for (int i = 0; i < count; i++) wode_push(&items, wode_int(i));
    return items;
}

TEST(each_gives_results_in_order_a_few_jobs_at_a_time)
{
    wode_each each = wode_each_of("w", numbers(3));
    each.in_flight = 2;
    wode_option(&each.what, "retries", wode_int(0));
    played.failing_job = 1;
    wode_value result;
    CHECK(wode_each_next(&each, &result) && result.integer == 0);
    CHECK(wode_each_next(&each, &result));
    CHECK_TEXT(wode_code(result), "error");
    CHECK(wode_each_next(&each, &result) && result.integer == 4);
    CHECK(!wode_each_next(&each, &result));
    CHECK_TEXT(played.told, "submit w 00 options 81a77265747269657300\nsubmit w 01 options 81a77265747269657300\n"
                          "wait 0, 0 0\ndrop 0\nsubmit w 02 options 81a77265747269657300\n"
                          "wait 1, 0 0\ndrop 1\nwait 2, 0 0\ndrop 2\n");
}

TEST(each_waits_for_the_oldest_where_the_host_has_no_room)
{
    played.places = 2;
    wode_each each = wode_each_of("w", numbers(50));
    wode_value result;
    for (int i = 0; i < 50; i++) CHECK(wode_each_next(&each, &result) && result.integer == (i * 2 & 0xff));
    CHECK(!wode_each_next(&each, &result));
    CHECK(played.submitted == 50);
}

TEST(each_tells_a_limit_that_no_end_of_its_jobs_can_ease)
{
    played.places = 0;
    wode_each each = wode_each_of("w", numbers(2));
    wode_value result;
    for (int i = 0; i < 2; i++) {
        CHECK(wode_each_next(&each, &result));
        CHECK_FAILURE(result, "limit", "live");
    }
    CHECK(!wode_each_next(&each, &result));
}
