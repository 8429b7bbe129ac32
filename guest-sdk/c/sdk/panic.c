/* The end of an attempt with a text on stderr, without stdio. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static void say(const char *text)
{
    size_t size = strlen(text);
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, text, size);
        if (written <= 0) return;
        text += written;
        size -= (size_t)written;
    }
}

WODE_NORETURN void wode_panic(const char *message)
{
    say(message);
    say("\n");
    abort();
}
