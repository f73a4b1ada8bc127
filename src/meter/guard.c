/* In front of every command: is it from the station, is it new, and has somebody been guessing?
 * Fifteen wrong MACs of one kind close that door until the next day, so the memory wears by at most
 * fifteen saves a day whoever talks on the line. */
#include "meter/meter_priv.h"

#include "crypto/wipe.h"

#include <string.h>

static void day_turn(meter *m, meter_guard *guard, gt_mono now)
{
    const int32_t today = clock_day(m, now);
    if (today != METER_DAY_NONE && guard->wrong_day != today) {
        guard->wrong = 0;
        guard->wrong_day = today;
    }
}

static void wrong_mac(meter *m, meter_key_purpose purpose, gt_mono now)
{
    meter_guard *guard = &m->state.account.guard[purpose];
    guard->wrong++;
    guard->wrong_day = clock_day(m, now);
    if (m->due[METER_DUE_UNSUSPEND].us == INT64_MAX) {
        m->due[METER_DUE_UNSUSPEND].us = now.us + meter_day_us;
    }
    if (guard->wrong == METER_WRONG_MAX) {
        event_append(
            m, (meter_note){.kind = METER_EVENT_ATTACK, .detail = (uint8_t)purpose, .now = now});
    }
    incident_point(m, RECORD_BAD_AUTH, (uint32_t)purpose, now);
    m->store.dirty = true;
}

guard_verdict guard_check(meter *m, const guard_command *command, gt_mono now, uint16_t *out_result)
{
    meter_guard *guard = &m->state.account.guard[command->purpose];
    day_turn(m, guard, now);
    if (guard->wrong >= METER_WRONG_MAX) {
        *out_result = METER_RESULT_SUSPENDED;
        return GUARD_REFUSED;
    }
    const size_t covered = command->len - METER_MAC_LEN;
    const meter_command signed_part = {.first_register = command->first_register,
                                       .meter_no = m->state.account.meter_no,
                                       .block = command->bytes,
                                       .block_len = covered};
    uint8_t mac[METER_MAC_LEN];
    const gt_err err = meter_command_mac(m->cfg->key[command->purpose], &signed_part, mac);
    GT_ASSERT(err == GT_ERR_OK); /* meter_no was checked at start */
    const bool right = gt_secret_equal(mac, command->bytes + covered, sizeof mac);
    gt_wipe(mac, sizeof mac);
    if (!right) {
        wrong_mac(m, command->purpose, now);
        *out_result = METER_RESULT_MAC;
        return GUARD_REFUSED;
    }
    const bool again = command->count == guard->count &&
                       memcmp(guard->last_mac, command->bytes + covered, METER_MAC_LEN) == 0;
    return again ? GUARD_AGAIN : GUARD_NEW;
}

const uint8_t *guard_mac(const guard_command *command)
{
    return command->bytes + command->len - METER_MAC_LEN;
}

uint16_t guard_fresh(const meter *m, const guard_command *command)
{
    const uint32_t count = m->state.account.guard[command->purpose].count;
    if (command->count <= count) {
        return command->count == count ? METER_RESULT_REPEATED : METER_RESULT_COUNT;
    }
    return METER_RESULT_OK;
}

void guard_take(meter *m, meter_key_purpose purpose, uint32_t count, const uint8_t *mac)
{
    meter_guard *guard = &m->state.account.guard[purpose];
    guard->count = count;
    guard->wrong = 0;
    memset(guard->last_mac, 0, sizeof guard->last_mac);
    if (mac != NULL) {
        memcpy(guard->last_mac, mac, sizeof guard->last_mac);
    }
}

void guard_forgive(meter *m, gt_mono at)
{
    (void)at;
    m->due[METER_DUE_UNSUSPEND] = GT_MONO_NEVER;
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        m->state.account.guard[i].wrong = 0;
    }
}
