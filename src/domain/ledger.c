/* The ledger's rules. An entry is turned into one canonical string of bytes, and each book chains
 * the hashes of its entries, so that nobody can change, drop or insert one unseen. */
#include "domain/ledger.h"

#include "base/bytes.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { OPERATOR_LEN_MAX = 32, ENTRY_FORMAT = 1 };

typedef enum account_subject { SUBJECT_NONE, SUBJECT_OPERATOR, SUBJECT_ROOM } account_subject;

static const struct {
    ledger_text text;
    account_subject subject;
} accounts[LEDGER_ACCOUNT_KINDS] = {
#define ACCOUNT(symbol, name_, subject_, normal, zh_, en_) \
    [LEDGER_ACCOUNT_##symbol] = {{.name = name_, .zh = zh_, .en = en_}, SUBJECT_##subject_},
#include "domain/account.def"
#undef ACCOUNT
};

static const ledger_text entries[LEDGER_ENTRY_KIND_MAX + 1] = {
#define ENTRY(symbol, code, name_, zh_, en_) [code] = {.name = name_, .zh = zh_, .en = en_},
#include "domain/entry.def"
#undef ENTRY
};

const ledger_text *ledger_account_text(ledger_account_kind kind)
{
    return &accounts[kind].text;
}

const ledger_text *ledger_entry_text(int kind)
{
    if (kind < LEDGER_ENTRY_KIND_MIN || kind > LEDGER_ENTRY_KIND_MAX) {
        return NULL;
    }
    return &entries[kind];
}

ledger_code ledger_code_of(ledger_account_kind kind)
{
    GT_ASSERT(accounts[kind].subject == SUBJECT_NONE);
    ledger_code code = {0};
    (void)snprintf(code.text, sizeof code.text, "%s", accounts[kind].text.name);
    return code;
}

ledger_code ledger_code_of_room(ledger_account_kind kind, int64_t room_id)
{
    GT_ASSERT(accounts[kind].subject == SUBJECT_ROOM);
    ledger_code code = {0};
    (void)snprintf(code.text, sizeof code.text, "%s:%lld", accounts[kind].text.name,
                   (long long)room_id);
    return code;
}

static bool operator_name_ok(const char *name)
{
    const size_t len = strnlen(name, OPERATOR_LEN_MAX + 1);
    bool ok = len > 0 && len <= OPERATOR_LEN_MAX;
    for (size_t i = 0; ok && i < len; i++) {
        const unsigned char c = (unsigned char)name[i];
        ok = c > ' ' && c != ':' && c != 0x7F;
    }
    return ok;
}

gt_err ledger_code_of_operator(ledger_account_kind kind, const char *operator_name,
                               ledger_code *out)
{
    GT_ASSERT(accounts[kind].subject == SUBJECT_OPERATOR);
    if (!operator_name_ok(operator_name)) {
        return GT_ERR_SYNTAX;
    }
    ledger_code code = {0};
    (void)snprintf(code.text, sizeof code.text, "%s:%s", accounts[kind].text.name, operator_name);
    *out = code;
    return GT_ERR_OK;
}

gt_err ledger_code_kind(const char *code, ledger_account_kind *out)
{
    const size_t head = strcspn(code, ":");
    const bool subject = code[head] == ':' && code[head + 1] != '\0';
    for (int kind = 0; kind < LEDGER_ACCOUNT_KINDS; kind++) {
        const char *name = accounts[kind].text.name;
        const bool wants = accounts[kind].subject != SUBJECT_NONE;
        if (strlen(name) == head && memcmp(name, code, head) == 0 && wants == subject &&
            (wants || code[head] == '\0')) {
            *out = (ledger_account_kind)kind;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_UNKNOWN;
}

gt_err ledger_entry_post(ledger_entry *entry, ledger_code account, int64_t amount_fen)
{
    if (entry->posting_count >= LEDGER_POSTINGS_MAX) {
        return GT_ERR_SPACE;
    }
    entry->posting[entry->posting_count++] =
        (ledger_posting){.account = account, .amount_fen = amount_fen};
    return GT_ERR_OK;
}

gt_err ledger_entry_check(const ledger_entry *entry)
{
    if (entry->book[0] == '\0' || entry->key[0] == '\0' || entry->seq == 0 ||
        ledger_entry_text((int)entry->kind) == NULL || entry->posting_count < 2 ||
        entry->posting_count > LEDGER_POSTINGS_MAX) {
        return GT_ERR_MALFORMED;
    }
    int64_t sum = 0;
    for (size_t i = 0; i < entry->posting_count; i++) {
        const ledger_posting *posting = &entry->posting[i];
        ledger_account_kind kind = LEDGER_ACCOUNT_CASH;
        if (posting->amount_fen == 0 ||
            ledger_code_kind(posting->account.text, &kind) != GT_ERR_OK) {
            return GT_ERR_MALFORMED;
        }
        GT_TRY(gt_i64_add(sum, posting->amount_fen, &sum));
    }
    return sum == 0 ? GT_ERR_OK : GT_ERR_MISMATCH;
}

static void text_put(gt_wr *w, const char *text, size_t cap)
{
    const size_t len = strnlen(text, cap);
    gt_wr_u8(w, (uint8_t)len);
    gt_wr_bytes(w, (const uint8_t *)text, len);
}

gt_err ledger_entry_bytes(const ledger_entry *entry, uint8_t *buf, size_t cap, size_t *out_len)
{
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, ENTRY_FORMAT);
    text_put(&w, entry->book, sizeof entry->book);
    gt_wr_u64be(&w, entry->seq);
    gt_wr_u8(&w, (uint8_t)entry->kind);
    gt_wr_u64be(&w, (uint64_t)entry->at.ms);
    text_put(&w, entry->key, sizeof entry->key);
    gt_wr_u64be(&w, (uint64_t)entry->order_id);
    gt_wr_u8(&w, entry->posting_count);
    for (size_t i = 0; i < entry->posting_count; i++) {
        text_put(&w, entry->posting[i].account.text, sizeof entry->posting[i].account.text);
        gt_wr_u64be(&w, (uint64_t)entry->posting[i].amount_fen);
    }
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

gt_err ledger_chain_append(ledger_chain *chain, const ledger_entry *entry)
{
    GT_TRY(ledger_entry_check(entry));
    if (entry->seq != chain->seq + 1) {
        return GT_ERR_CONFLICT;
    }
    uint8_t bytes[LEDGER_BYTES_MAX];
    size_t len = 0;
    GT_TRY(ledger_entry_bytes(entry, bytes, sizeof bytes, &len));
    sha256 sha;
    sha256_init(&sha);
    sha256_update(&sha, chain->hash, sizeof chain->hash);
    sha256_update(&sha, bytes, len);
    sha256_final(&sha, chain->hash);
    chain->seq = entry->seq;
    return GT_ERR_OK;
}

gt_err ledger_chain_verify(ledger_chain *chain, const ledger_entry *entry,
                           const uint8_t stored_hash[LEDGER_HASH_LEN])
{
    ledger_chain next = *chain;
    if (ledger_chain_append(&next, entry) != GT_ERR_OK ||
        memcmp(next.hash, stored_hash, LEDGER_HASH_LEN) != 0) {
        return GT_ERR_CORRUPT;
    }
    *chain = next;
    return GT_ERR_OK;
}
