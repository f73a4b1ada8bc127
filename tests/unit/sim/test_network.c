/* The network model: order kept, delays in range, the same seed the same times, partitions. */
#include "sim/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MESSAGES = 200 };

/* Send MESSAGES numbered bytes, one every 100 ms; note when each arrives. */
static void run(network *n, int64_t arrived_us[MESSAGES])
{
    unsigned got = 0;
    for (int64_t us = 0; got < MESSAGES; us += 1000) {
        assert_true(us < INT64_C(100000000));
        if (us % 100000 == 0 && us / 100000 < MESSAGES) {
            const uint8_t byte = (uint8_t)(us / 100000);
            assert_int_equal(network_send(n, NETWORK_TO_STATION, &byte, 1, (gt_mono){us}),
                             GT_ERR_OK);
        }
        uint8_t byte = 0;
        while (network_receive(n, NETWORK_TO_STATION, (gt_mono){us}, &byte, 1) == 1) {
            assert_int_equal(byte, (uint8_t)got);
            arrived_us[got++] = us;
        }
    }
}

static void test_order_delay_and_determinism(void **state)
{
    (void)state;
    static network a;
    static network b;
    int64_t first[MESSAGES];
    int64_t again[MESSAGES];
    const network_cfg gprs = network_gprs();
    network_init(&a, &gprs, 42);
    network_init(&b, &gprs, 42);
    run(&a, first);
    run(&b, again);
    assert_memory_equal(first, again, sizeof first);
    for (int64_t i = 0; i < MESSAGES; i++) {
        assert_true(first[i] - i * 100000 >= gprs.delay_min_us);
        assert_true(i == 0 || first[i] >= first[i - 1]);
    }
    network_init(&b, &gprs, 43);
    run(&b, again);
    assert_memory_not_equal(first, again, sizeof first);
}

static void test_loss_is_delay(void **state)
{
    (void)state;
    static network n;
    network_cfg cfg = network_gprs();
    cfg.loss_permille = 1000;
    int64_t arrived[MESSAGES];
    network_init(&n, &cfg, 1);
    run(&n, arrived);
    assert_int_equal(network_lost(&n), MESSAGES);
    assert_true(arrived[0] >= cfg.delay_min_us + cfg.resend_min_us);
}

static void test_partition_holds_back(void **state)
{
    (void)state;
    static network n;
    const network_cfg cfg = network_ethernet();
    uint8_t out[8];
    network_init(&n, &cfg, 1);
    network_partition(&n, true, (gt_mono){0});
    assert_int_equal(network_send(&n, NETWORK_TO_BOX, (const uint8_t *)"abc", 3, (gt_mono){0}),
                     GT_ERR_OK);
    assert_int_equal(network_deadline(&n).us, GT_MONO_NEVER.us);
    assert_int_equal(network_receive(&n, NETWORK_TO_BOX, (gt_mono){9000000}, out, sizeof out), 0);
    network_partition(&n, false, (gt_mono){9000000});
    assert_int_equal(network_deadline(&n).us, 9000000);
    assert_int_equal(network_receive(&n, NETWORK_TO_BOX, (gt_mono){9000000}, out, 2), 2);
    assert_int_equal(network_receive(&n, NETWORK_TO_BOX, (gt_mono){9000000}, out + 2, 6), 1);
    assert_memory_equal(out, "abc", 3);
    assert_int_equal(network_receive(&n, NETWORK_TO_STATION, (gt_mono){9000000}, out, 6), 0);
}

static void test_full_is_said(void **state)
{
    (void)state;
    static network n;
    static uint8_t big[NETWORK_CHUNKS_MAX * NETWORK_CHUNK_MAX];
    const network_cfg cfg = network_ethernet();
    network_init(&n, &cfg, 1);
    assert_int_equal(network_room(&n, NETWORK_TO_BOX), sizeof big);
    assert_int_equal(network_send(&n, NETWORK_TO_BOX, big, sizeof big, (gt_mono){0}), GT_ERR_OK);
    assert_int_equal(network_send(&n, NETWORK_TO_BOX, big, 1, (gt_mono){0}), GT_ERR_BUSY);
    network_reset(&n);
    assert_int_equal(network_deadline(&n).us, GT_MONO_NEVER.us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_delay_and_determinism),
        cmocka_unit_test(test_loss_is_delay),
        cmocka_unit_test(test_partition_holds_back),
        cmocka_unit_test(test_full_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
