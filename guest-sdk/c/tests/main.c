/* Runs all tests and counts. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "host.h"
#include "sdk/internal.h"

const char *vectors_path;

static test *tests;
static bool failing;

void check_register(test *t)
{
    test **end = &tests;
    while (*end) end = &(*end)->next;
    *end = t;
}

void check_that(bool right, const char *what, const char *file, int line)
{
    if (right) return;
    failing = true;
    printf("  %s:%d: not so: %s\n", file, line, what);
}

void check_texts(const char *got, const char *wanted, const char *file, int line)
{
    if (strcmp(got, wanted) == 0) return;
    failing = true;
    printf("  %s:%d: got    %.200s\n", file, line, got);
    printf("  %s:%d: wanted %.200s\n", file, line, wanted);
}

wode_value from_hex(const char *hex)
{
    size_t count = 0;
    uint8_t *bytes = wode_alloc(strlen(hex));
    unsigned byte;
    for (; *hex; hex += 2) {
        while (*hex == ' ') hex++;
        if (sscanf(hex, "%2x", &byte) != 1) abort();
        bytes[count++] = (uint8_t)byte;
    }
    return wode_bin(bytes, count);
}

const char *to_hex(wode_value encoded)
{
    if (wode_failed(encoded)) return wode_message(encoded);
    char *hex = wode_alloc(encoded.size * 2 + 1);
    for (uint32_t i = 0; i < encoded.size; i++) sprintf(hex + 2 * i, "%02x", encoded.bytes[i]);
    return hex;
}

const char *hex_of(wode_value value)
{
    return to_hex(wode_encode(value));
}

const char *panic_of(void (*run)(void))
{
    int ends[2];
    if (pipe(ends) != 0) abort();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        run();
        _exit(0);
    }
    close(ends[1]);
    char *said = wode_alloc(1000);
    size_t used = 0;
    for (ssize_t size = 1; size > 0 && used < 999; used += size > 0 ? (size_t)size : 0)
        size = read(ends[0], said + used, 999 - used);
    close(ends[0]);
    said[used] = 0;
    int status;
    waitpid(child, &status, 0);
    bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    return aborted ? said : "";
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: tests VECTORS\n");
        return 2;
    }
    vectors_path = argv[1];
    int passed = 0, failed = 0;
    for (test *t = tests; t; t = t->next) {
        failing = false;
        host_reset();
        t->run();
        wode_arena_clear();
        if (failing) printf("FAILED %s\n", t->name);
        failing ? failed++ : passed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
