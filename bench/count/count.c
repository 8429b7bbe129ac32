/* Counts what a program asks of the C library, put before it with LD_PRELOAD: allocations, and
 * copies of many bytes; and what the kernel counts of it: how often a thread waited, and page
 * faults. Written to the file that WODEHOST_COUNTS names when the program ends, such as
 * "allocations N\n" for each. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* A copy of so many bytes counts. */
#define LARGE ((size_t)512 << 10)

static atomic_ulong allocations;
static atomic_ulong copies;

/* Functions of their own, so that a debugger can stop there and say where it happens. */
__attribute__((noinline)) void count_allocation(void)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
}

__attribute__((noinline)) void count_copy(void)
{
    atomic_fetch_add_explicit(&copies, 1, memory_order_relaxed);
}

typedef void *copy_function(void *, const void *, size_t);

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static copy_function *real_memcpy;
static copy_function *real_memmove;

/* dlsym allocates before there is anything to allocate with: that comes from here. */
static char early[1 << 16];
static size_t early_used;

static void *allocate_early(size_t bytes)
{
    size_t start = (early_used + 15) & ~(size_t)15;
    if (bytes > sizeof early || start > sizeof early - bytes)
        return NULL;
    early_used = start + bytes;
    return early + start;
}

static int is_early(const void *place)
{
    return (const char *)place >= early && (const char *)place < early + sizeof early;
}

__attribute__((constructor)) static void find(void)
{
    *(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&real_posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    *(void **)&real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    *(void **)&real_memcpy = dlsym(RTLD_NEXT, "memcpy");
    *(void **)&real_memmove = dlsym(RTLD_NEXT, "memmove");
    *(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
}

void *malloc(size_t bytes)
{
    if (!real_malloc)
        return allocate_early(bytes);
    count_allocation();
    return real_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    if (!real_malloc)
        return allocate_early(count * bytes); /* zero, as nothing of it was used before */
    count_allocation();
    return real_calloc(count, bytes);
}

void *realloc(void *place, size_t bytes)
{
    if (!real_malloc || is_early(place)) {
        void *fresh = malloc(bytes);
        size_t rest = (size_t)(early + sizeof early - (char *)place);
        if (fresh && place)
            memcpy(fresh, place, bytes < rest ? bytes : rest);
        return fresh;
    }
    count_allocation();
    return real_realloc(place, bytes);
}

int posix_memalign(void **place, size_t alignment, size_t bytes)
{
    if (!real_malloc)
        return ENOMEM;
    count_allocation();
    return real_posix_memalign(place, alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    if (!real_malloc)
        return NULL;
    count_allocation();
    return real_aligned_alloc(alignment, bytes);
}

void free(void *place)
{
    static void (*real_free)(void *);
    if (is_early(place))
        return;
    if (!real_free)
        *(void **)&real_free = dlsym(RTLD_NEXT, "free");
    real_free(place);
}

static void *copy(copy_function *real, void *to, const void *from, size_t bytes)
{
    if (bytes >= LARGE)
        count_copy();
    if (real)
        return real(to, from, bytes);
    volatile char *t = to;
    const char *f = from;
    if ((const char *)to <= f)
        for (size_t i = 0; i < bytes; i++)
            t[i] = f[i];
    else
        while (bytes--)
            t[bytes] = f[bytes];
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    return copy(real_memcpy, to, from, bytes);
}

void *memmove(void *to, const void *from, size_t bytes)
{
    return copy(real_memmove, to, from, bytes);
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("WODEHOST_COUNTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    fprintf(file, "allocations %lu\ncopies %lu\nwaits %ld\nfaults %ld\n", atomic_load(&allocations),
            atomic_load(&copies), usage.ru_nvcsw, usage.ru_minflt);
    fclose(file);
}
