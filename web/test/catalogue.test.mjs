// The two catalogues have the same keys and placeholders, and no page file holds text of its own.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');
const read = (name) => JSON.parse(readFileSync(join(src, 'text', name), 'utf8'));
const en = read('en.json');
const zh = read('zh.json');
const code = readdirSync(src).filter((f) => /\.tsx?$/.test(f)).map((f) => [f, readFileSync(join(src, f), 'utf8')]);

test('the same keys', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
});

test('the same placeholders, and nothing empty', () => {
  const marks = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(en)) {
    assert.deepEqual(marks(zh[key]), marks(en[key]), key);
    assert.ok(en[key] && zh[key], key);
  }
});

test('every key is used', () => {
  const all = code.map(([, text]) => text).join('\n');
  const families = ['state.', 'relay.', 'cmd.', 'act.'];
  for (const key of Object.keys(en)) {
    assert.ok(all.includes(`'${key}'`) || all.includes(`"${key}"`) || families.some((f) => key.startsWith(f)), key);
  }
});

test('no text in the code', () => {
  for (const [name, text] of code) {
    assert.ok(!/[\u4e00-\u9fff]/.test(text), `${name}: Chinese text`);
    if (name.endsWith('.tsx')) {
      // between tags stands markup or {t(...)}, never a word
      assert.deepEqual(text.match(/[a-z"}]>[A-Za-z][A-Za-z ]{2,}<\//g) ?? [], [], name);
    }
  }
});
