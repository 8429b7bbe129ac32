/* Draws a text as a QR code, with Project Nayuki's library as it is.
 *
 *     wodehost build .
 *     wodehost call qrcode.wasm '{"text": "https://example.org", "as": "blocks"}'
 *
 * `as` is "svg" (unless said otherwise) or "blocks", which a terminal shows; `correction`
 * is "low", "medium", "quartile" or "high"; `border` is in modules, 4 unless said
 * otherwise. */
#include <stdio.h>
#include <string.h>

#include "qrcodegen/qrcodegen.h"
#include "sdk/wodehost.h"

/* A code, and what is around it. */
typedef struct {
    const uint8_t *modules;
    int size;
    int border;
} picture;

/* Text that grows. */
typedef struct {
    char *start;
    size_t size;
} text;

static bool is_dark(const picture *code, int x, int y)
{
    return qrcodegen_getModule(code->modules, x - code->border, y - code->border);
}

static int width_of(const picture *code)
{
    return code->size + 2 * code->border;
}

static void append(text *to, const char *piece)
{
    size_t length = strlen(piece);
    memcpy(to->start + to->size, piece, length + 1);
    to->size += length;
}

/* Two rows of modules in each line; what is dark is left free. */
static wode_value as_blocks(const picture *code)
{
    int width = width_of(code);
    text to = {wode_alloc((size_t)width * (width + 1) / 2 * 3 + (size_t)width + 1), 0};
    append(&to, "");
    for (int y = 0; y < width; y += 2) {
        for (int x = 0; x < width; x++) {
            bool upper = is_dark(code, x, y), lower = y + 1 == width || is_dark(code, x, y + 1);
            append(&to, upper ? (lower ? " " : "▄") : (lower ? "▀" : "█"));
        }
        append(&to, "\n");
    }
    return wode_text_of(to.start, to.size);
}

/* One path with a stroke for each run of dark modules. */
static wode_value as_svg(const picture *code)
{
    static const char head[] =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
        "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path stroke=\"#000\" d=\"";
    int width = width_of(code);
    size_t room = sizeof head + (size_t)code->size * code->size / 2 * 16 + (size_t)code->size * 16 + 100;
    text to = {wode_alloc(room), 0};
    to.size = (size_t)snprintf(to.start, room, head, width, width, width, width);
    for (int y = 0; y < width; y++) {
        for (int x = 0; x < width; x++) {
            int run = 0;
            while (is_dark(code, x + run, y)) run++;
            if (run == 0) continue;
            char stroke[40];
            snprintf(stroke, sizeof stroke, "M%d %d.5h%d", x, y, run);
            append(&to, stroke);
            x += run;
        }
    }
    append(&to, "\"/></svg>\n");
    return wode_text_of(to.start, to.size);
}

static bool correction_of(const char *name, enum qrcodegen_Ecc *correction)
{
    static const char *const names[] = {"low", "medium", "quartile", "high"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *correction = (enum qrcodegen_Ecc)i;
        return true;
    }
    return false;
}

WODE_WORKER(job)
{
    const char *wanted, *as = "svg", *correction_name = "medium";
    uint8_t border = 4;
    WODE_TRY(WODE_ARGUMENTS(job, WODE_KEY("text", &wanted), WODE_KEY_OR("as", &as),
                            WODE_KEY_OR("correction", &correction_name), WODE_KEY_OR("border", &border)));
    enum qrcodegen_Ecc correction;
    if (!correction_of(correction_name, &correction))
        return WODE_FAIL("bad-argument", "there is no correction `%s`", correction_name);
    bool svg = strcmp(as, "svg") == 0;
    if (!svg && strcmp(as, "blocks") != 0) return WODE_FAIL("bad-argument", "`as` is svg or blocks, not `%s`", as);

    static uint8_t scratch[qrcodegen_BUFFER_LEN_MAX], modules[qrcodegen_BUFFER_LEN_MAX];
    if (!qrcodegen_encodeText(wanted, scratch, modules, correction, qrcodegen_VERSION_MIN, qrcodegen_VERSION_MAX,
                              qrcodegen_Mask_AUTO, true))
        return WODE_FAIL("too-long", "%zu bytes of text do not go into one code", strlen(wanted));
    picture code = {modules, qrcodegen_getSize(modules), border};
    return svg ? as_svg(&code) : as_blocks(&code);
}
