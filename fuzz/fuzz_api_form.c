/* A request's body, as a stranger may send it: nothing but the listed fields comes through, and
 * what is written back as JSON is JSON that the same reader takes. */
#include "access/access.h"
#include "api/form.h"
#include "api/json_writer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct kept {
    char text[65536];
    size_t len;
} kept;

static void keep(void *ctx, const void *buf, size_t len)
{
    kept *k = ctx;
    if (len <= sizeof k->text - k->len) {
        memcpy(k->text + k->len, buf, len);
        k->len += len;
    }
}

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* amount and key, written as the answers are, read again as a request is */
static void round_trip(const form_value *amount, const form_value *key)
{
    static const form_field fields[] = {{.name = "amount", .text_max = 200},
                                        {.name = "key", .text_max = 200}};
    static kept k;
    const http_sink sink = {.ctx = &k, .write = keep};
    json_writer j;
    form f;
    k.len = 0;
    json_writer_init(&j, &sink);
    json_writer_object(&j, NULL);
    json_writer_text(&j, "amount", amount->text);
    json_writer_text(&j, "key", key->text);
    json_writer_object_end(&j);
    json_writer_flush(&j);
    check(form_open(&f, k.text, k.len, fields, 2) == FORM_OK);
    check(strcmp(f.value[0].text, amount->text) == 0 && strcmp(f.value[1].text, key->text) == 0);
    form_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const form_field fields[] = {
        {.name = "room_id", .type = FORM_ID},
        {.name = "amount", .text_max = 24},
        {.name = "key", .text_max = 64},
        {.name = "meter_id", .type = FORM_ID, .optional = true},
    };
    form f;
    const form_fault fault = form_open(&f, (const char *)data, size, fields, 4);
    if (fault == FORM_OK) {
        check(f.value[0].id >= 1 && f.value[3].id >= 0);
        check(strlen(f.value[1].text) <= 24 && strlen(f.value[2].text) <= 64);
        round_trip(&f.value[1], &f.value[2]);
        (void)(access_name_check(f.value[1].text) == GT_ERR_OK); /* only must not fall over */
        (void)(access_password_check("ann", f.value[2].text) == GT_ERR_OK);
    }
    form_close(&f);
    return 0;
}
