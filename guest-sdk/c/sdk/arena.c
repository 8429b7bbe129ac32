/* Memory that is handed out in order and given back at once, when the entry point
 * that the host called returns. The first piece is there from the start, so that a
 * small job needs no malloc. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define ALIGNMENT 8
#define FIRST_SIZE (16 * 1024)
#define CHUNK_SIZE (64 * 1024)

/* Memory in one piece. Of one that malloc gave, the bytes stand behind it. */
typedef struct chunk {
    struct chunk *before;
    unsigned char *bytes;
    size_t size;
    size_t used;
} chunk;

/* So far behind it, that is. */
#define HEAD ((sizeof(chunk) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

static alignas(ALIGNMENT) unsigned char first_bytes[FIRST_SIZE];
static chunk first = {NULL, first_bytes, FIRST_SIZE, 0};

/* What lasts for one call, and what lasts as long as the sandbox. */
static chunk *of_call = &first;
static chunk *of_sandbox;
static unsigned keeping;

static void *take(chunk **arena, size_t size)
{
    if (size > SIZE_MAX / 2) wode_panic("out of memory");
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    chunk *last = *arena;
    if (!last || last->size - last->used < size) {
        size_t wanted = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        last = malloc(HEAD + wanted);
        if (!last) wode_panic("out of memory");
        *last = (chunk){*arena, (unsigned char *)last + HEAD, wanted, 0};
        *arena = last;
    }
    void *taken = last->bytes + last->used;
    last->used += size;
    return taken;
}

void *wode_alloc(size_t size)
{
    return take(keeping ? &of_sandbox : &of_call, size);
}

void wode_keep_begin(void)
{
    keeping++;
}

void wode_keep_end(void)
{
    keeping--;
}

wode_arena_mark wode_mark(void)
{
    return (wode_arena_mark){of_call, of_call->used};
}

void wode_release(wode_arena_mark mark)
{
    while (of_call != mark.chunk) {
        chunk *last = of_call;
        if (!last->before) wode_panic("wode_release: the mark is of an earlier call");
        of_call = last->before;
        free(last);
    }
    of_call->used = mark.used;
}

void wode_arena_clear(void)
{
    wode_release((wode_arena_mark){&first, 0});
}

/* Where the host puts what it hands over. A byte more than it asks for, which is a
 * NUL, makes its texts ones of C. */
WODE_EXPORT("cabi_realloc")
void *wode_export_realloc(void *old, size_t old_size, size_t alignment, size_t new_size)
{
    (void)alignment; /* Never more than 8. */
    char *new = take(&of_call, new_size + 1);
    if (old_size > 0) memcpy(new, old, old_size < new_size ? old_size : new_size);
    new[new_size] = 0;
    return new;
}
