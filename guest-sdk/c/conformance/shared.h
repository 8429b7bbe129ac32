/* What the three roles share. */
#ifndef CONFORMANCE_SHARED_H
#define CONFORMANCE_SHARED_H

#include "sdk/wodehost.h"

/* Panics with a text, two calls deep. */
void conformance_middle(const char *text);

const char *to_base64(wode_value value);
/* NULL when `text` is no base64. */
const uint8_t *from_base64(const char *text, size_t *size);

#endif
