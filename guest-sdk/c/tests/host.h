/* The host as the tests play it: what it is to answer, and what it was told. */
#ifndef HOST_H
#define HOST_H

#include "sdk/imports.h"

typedef struct {
    wode_value config;      /* encoded; nil: an empty map */
    wode_value data;        /* the same */
    wode_value saved;       /* the checkpoint; nil: none */
    const char *refusal;    /* for update, emit, save and tick; NULL: takes them */
    uint64_t retries_left;  /* WODE_WITHOUT_END: none */
    const char *variable;   /* any variable of the environment */
    uint32_t places;        /* so many nested jobs may run at once */
    int32_t submit_error;   /* the number of a submit-error; -1: none */
    uint32_t failing_job;   /* the job with this handle fails */
    bool never_ends;        /* no wait has an outcome */
    /* What the host was told, a line for each call. */
    char told[100000];
    uint32_t submitted, running;
} played_host;

extern played_host played;
void host_reset(void);

/* The entry points of plugin.c, as a host calls them. */
void *wode_export_run(const uint8_t *job, size_t size);
void *wode_export_set_up(void);
void *wode_export_next(void);
void *wode_export_consume(const void *arguments);
void *wode_export_on_emit(const char *id, size_t id_size, uint32_t attempt, uint64_t seq,
                          const uint8_t *value, size_t size);
void *wode_export_finish(void);
void *wode_export_admit(void);
void wode_export_post_run(void *answer);
void *wode_export_realloc(void *old, size_t old_size, size_t alignment, size_t new_size);

#endif
