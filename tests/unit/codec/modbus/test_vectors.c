/* The shared vectors: frames of other makers' manuals decode as stated beside them. */
#include "codec/modbus/frame.h"
#include "base/hex.h"
#include "../vectors.h"

static long long member(const json_t *expect, const char *name)
{
    return json_integer_value(json_object_get(expect, name));
}

static void check(const json_t *vector)
{
    const json_t *expect = json_object_get(vector, "expect");
    uint8_t in[MODBUS_ADU_MAX];
    size_t len = 0;
    assert_int_equal(
        gt_hex_parse(json_string_value(json_object_get(vector, "hex")), in, sizeof in, &len),
        GT_ERR_OK);
    modbus_request request;
    if (json_object_get(expect, "start") != NULL) {
        assert_int_equal(modbus_request_decode(in, len, &request), GT_ERR_OK);
        assert_int_equal(request.unit, member(expect, "unit"));
        assert_int_equal(request.function, member(expect, "fc"));
        assert_int_equal(request.start, member(expect, "start"));
        assert_int_equal(request.count, member(expect, "count"));
        return;
    }
    /* An answer: asked for as many registers as its two values of a register need. */
    request = (modbus_request){
        (uint8_t)member(expect, "unit"), (modbus_function)member(expect, "fc"), 0, 2, {0}, 0, 0};
    modbus_reply reply;
    assert_int_equal(modbus_reply_decode(&request, in, len, &reply), GT_ERR_OK);
    const uint32_t bits = (uint32_t)reply.values[0] << 16 | reply.values[1];
    float value = 0;
    memcpy(&value, &bits, sizeof value);
    assert_true((double)value == json_number_value(json_object_get(expect, "float_be")));
}

static void test_vectors(void **state)
{
    (void)state;
    vectors_check(SOURCE_ROOT "/../shared/data/vectors/modbus.jsonl", 5, check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests_name("codec/modbus/vectors", tests, NULL, NULL);
}
