// Drives a running station with a browser, as an operator would, and keeps screenshots.
//   node test/pages.mjs SETUP_LINK FOLDER
// Ends with one line and 0, or with what did not happen and 1.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launch, openPage, shot } from './browser.mjs';

const [link, folder] = process.argv.slice(2);
const base = link.replace(/\/#.*$/, '');
const PASSWORD = 'a long pass phrase for tests';
const WAIT = 20000;

const texts = (page, selector) => page.locator(selector).allInnerTexts();

async function contrastProblems(page) {
  // Every visible text against what is painted behind it: WCAG AA asks 4.5:1, 3:1 for large text.
  return page.evaluate(() => {
    const parse = (c) => (c.match(/[\d.]+/g) ?? []).map(Number);
    const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (el) => {
      for (let at = el; at; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (style.backgroundImage !== 'none') return null; // a gradient: looked at by eye
        const [r, g, b, a = 1] = parse(style.backgroundColor);
        if (a > 0.99) return [r, g, b];
        if (a > 0.01) return null;
      }
      return [255, 255, 255];
    };
    const bad = [];
    for (const el of document.querySelectorAll('body *')) {
      const own = [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '');
      const style = getComputedStyle(el);
      if (!own || style.visibility === 'hidden' || el.getClientRects().length === 0) continue;
      const back = behind(el);
      if (!back) continue;
      const [x, y] = [lum(parse(style.color)), lum(back)];
      const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.5 && Number(style.fontWeight) >= 700);
      const disabled = el.closest('button:disabled');
      if (!disabled && ratio < (large ? 3 : 4.5)) bad.push(`${el.className || el.tagName} "${el.textContent.trim().slice(0, 20)}" ${ratio.toFixed(2)}`);
    }
    return [...new Set(bad)];
  });
}

async function nothingSticksOut(page) {
  const wide = await page.evaluate(() => ['html', '.panel', 'dialog'].map((s) => document.querySelector(s))
    .filter((el) => el && el.scrollWidth > el.clientWidth).map((el) => `${el.className || el.tagName} ${el.scrollWidth - el.clientWidth} px`));
  assert.deepEqual(wide, [], 'wider than its place');
}

async function setUp(page) {
  await page.goto(`${base}/#/setup?token=00`);
  await page.waitForSelector('#setup-title');
  const use = async (password, again) => {
    await page.fill('input[name=new-password]', password);
    await page.fill('input[name=again]', again);
    await page.click('button[type=submit]');
  };
  await use(PASSWORD, PASSWORD);
  await page.waitForSelector('.fault'); // a wrong link
  await page.goto(link);
  await page.waitForSelector('.fault', { state: 'detached' }); // the page loads itself again for a new link
  await page.waitForSelector('#setup-title');
  await shot(page, folder, 'setup-zh-desktop');
  await use(PASSWORD, `${PASSWORD}!`);
  await page.waitForSelector('.fault');
  await use('1234567890', '1234567890');
  await page.waitForFunction(() => document.querySelector('.fault')?.textContent?.includes('10'));
  await use(PASSWORD, PASSWORD);
  await page.waitForSelector('.tile', { timeout: WAIT });
}

async function logIn(page, name = 'login-zh-desktop') {
  await page.waitForSelector('input[name=password]');
  await shot(page, folder, name);
  await page.fill('input[name=username]', 'admin');
  await page.fill('input[name=password]', 'not the pass phrase');
  await page.click('form button[type=submit]');
  await page.waitForSelector('form .fault');
  await page.fill('input[name=password]', PASSWORD);
  await page.keyboard.press('Enter');
}

async function filters(page) {
  const all = await page.locator('.tile').count();
  assert.equal(all, 257);
  await page.click('.chips .s-in_debt');
  const dark = await page.locator('.tile').count();
  assert.ok(dark > 0 && dark < all);
  assert.equal(await page.locator('.tile.s-in_debt').count(), dark);
  await page.fill('.search input', 'no such room');
  await page.waitForSelector('.empty');
  await page.click('.empty button');
  await page.waitForFunction((n) => document.querySelectorAll('.tile').length === n, all);
  const name = (await texts(page, '.tile-name'))[5];
  await page.fill('.search input', name);
  await page.waitForFunction((n) => document.querySelectorAll('.tile').length < n, all);
  assert.ok((await texts(page, '.tile-name')).includes(name));
  await page.fill('.search input', '');
  await page.click('.tree li:nth-child(3) button');
  await page.waitForFunction((n) => document.querySelectorAll('.tile').length < n, all);
  await page.click('.tree li:nth-child(1) button');
}

/** By keyboard alone, and confirmed with a double click's worth of Enter. */
async function sell(page) {
  await page.locator('.tile.s-in_debt').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.acts button.primary');
  await shot(page, folder, 'room-zh-desktop');
  await page.locator('.acts button.primary').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('#amount');
  await page.keyboard.type('50.001');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .fault');
  await page.fill('#amount', '50');
  await shot(page, folder, 'sell-zh-desktop');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .ask');
  await shot(page, folder, 'sell-confirm-zh-desktop');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.timeline + .total', { timeout: WAIT });
  await page.waitForFunction(() => document.querySelector('.headline')?.classList.contains('s-in_debt') === false, null, { timeout: WAIT });
  await shot(page, folder, 'paid-zh-desktop');
  assert.equal(await page.locator('.timeline li').count() >= 6, true);
  assert.equal(await page.locator('dialog').count(), 0); // the second Enter opened no second sale
  return (await texts(page, '.total'))[0];
}

/** The receipt is a PDF that comes as a file. */
async function receipt(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('.receipt')]);
  assert.ok(file.suggestedFilename().endsWith('50.00.pdf'), file.suggestedFilename());
  const bytes = readFileSync(await file.path());
  assert.equal(bytes.subarray(0, 5).toString(), '%PDF-');
}

/** The answer of a sale is lost on the way: the page says so, and the same sale is finished. */
async function lostAnswer(page) {
  let dropped = 0;
  await page.route('**/api/sales', async (route) => {
    if (dropped === 0) {
      dropped++;
      await route.fetch(); // the station books it
      await route.abort();
    } else {
      await route.continue();
    }
  });
  await page.locator('.tile.s-alarm2').first().click();
  await page.waitForSelector('.acts button.primary:not(:disabled)');
  await page.click('.acts button.primary');
  await page.fill('#amount', '20');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .ask');
  await page.click('dialog button.primary');
  await page.waitForSelector('dialog .note.warn');
  await shot(page, folder, 'sell-lost-zh-desktop');
  await page.click('dialog button.primary');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.unroute('**/api/sales');
  await page.waitForSelector('.total', { timeout: WAIT });
  assert.equal((await texts(page, '.pay-head strong'))[0], '¥20.00');
}

async function cutAndRestore(page) {
  const done = async (n) => page.waitForFunction((count) => [...document.querySelectorAll('.panel .pill.done')].length >= count, n, { timeout: WAIT });
  const ask = async (selector) => {
    await page.click(selector);
    await page.waitForSelector('dialog[open]');
    await page.click('dialog .buttons button:last-child');
  };
  await page.locator('.tile.s-open').nth(10).click();
  await page.waitForSelector('.acts .danger');
  await ask('.acts .danger');
  await page.waitForSelector('.headline.s-cut', { timeout: WAIT });
  await done(1);
  await shot(page, folder, 'cut-zh-desktop');
  await ask('.acts button:nth-child(2)'); // restore
  await page.waitForSelector('.headline.s-open', { timeout: WAIT });
  await done(2);
  await ask('.acts button:nth-child(3)'); // protect
  await page.waitForSelector('.headline.s-protected', { timeout: WAIT });
  await done(3);
  await shot(page, folder, 'protected-zh-desktop');
  await ask('.acts button:nth-child(2)'); // end protection
  await page.waitForSelector('.headline.s-open', { timeout: WAIT });
}

/** The station says no: its words stay on the page while live updates go on. */
async function refusedCut(page) {
  const error = { code: 'reading_old', message_zh: '抄表数据超过24小时，禁止拉闸', message_en: 'too old', field: null };
  await page.route('**/commands', (route) => route.fulfill({ status: 409, json: { error } }));
  await page.click('.acts .danger');
  await page.waitForSelector('dialog[open]');
  await page.click('dialog .buttons button:last-child');
  await page.waitForSelector('.panel-body > .fault');
  await page.waitForTimeout(1500);
  assert.equal((await texts(page, '.panel-body > .fault'))[0], error.message_zh);
  await page.unroute('**/commands');
}

async function main() {
  const browser = await launch();
  const { context, page, problems } = await openPage(browser, { size: 'desktop', locale: 'zh-CN' });
  await setUp(page);
  await page.waitForFunction(() => document.querySelectorAll('.tile.s-lost').length === 0, null, { timeout: 60000 });
  await page.waitForSelector('.live.up');
  await shot(page, folder, 'board-zh-desktop');
  assert.deepEqual(await contrastProblems(page), []);
  await filters(page);
  const total = await sell(page);
  await receipt(page);
  assert.deepEqual(await contrastProblems(page), []);
  await lostAnswer(page);
  await cutAndRestore(page);
  await refusedCut(page);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.panel', { state: 'detached' });

  // the session ends elsewhere while a room is open; what was open is still there afterwards
  await page.locator('.tile').first().click();
  await page.waitForSelector('.acts');
  await context.clearCookies();
  await page.click('.acts button:last-child');
  await page.waitForSelector('dialog #login-title', { state: 'attached' });
  await logIn(page, 'ended-zh-desktop');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.equal(await page.locator('.panel').count(), 1);

  await page.click('.lang');
  await page.waitForSelector('html[lang=en]');
  await page.waitForTimeout(300);
  await shot(page, folder, 'room-en-desktop');
  assert.ok(!(await page.locator('.bar').innerText()).includes('退出'));
  await page.keyboard.press('Escape');
  await page.waitForTimeout(300);
  await shot(page, folder, 'board-en-desktop');
  const state = await context.storageState();

  for (const [size, locale, short] of [['wide', 'zh-CN', 'zh'], ['phone', 'en-GB', 'en'], ['phone', 'zh-CN', 'zh']]) {
    const other = await openPage(browser, { size, locale, state: { ...state, origins: [] } });
    await other.page.goto(base);
    await other.page.waitForSelector('.tile', { timeout: WAIT });
    await other.page.waitForSelector('.live.up');
    await nothingSticksOut(other.page);
    await shot(other.page, folder, `board-${short}-${size}`);
    await other.page.locator('.tile.s-in_debt').first().click();
    await other.page.waitForSelector('.acts');
    await other.page.waitForTimeout(300);
    await nothingSticksOut(other.page);
    await shot(other.page, folder, `room-${short}-${size}`);
    if (size === 'phone') {
      await other.page.click('.acts .primary');
      await other.page.fill('#amount', '100');
      await nothingSticksOut(other.page);
      await shot(other.page, folder, `sell-${short}-${size}`);
    }
    assert.deepEqual(await contrastProblems(other.page), []);
    problems.push(...other.problems);
    await other.context.close();
  }

  await page.click('.leave');
  await logIn(page, 'login-en-desktop');
  await page.waitForSelector('.tile', { timeout: WAIT });
  assert.deepEqual(problems, []);
  await browser.close();
  console.log(`pages: rooms=257 screenshots=${folder} ${total}`);
}

main().catch((error) => {
  console.log(`pages: ${error.stack ?? error}`);
  process.exit(1);
});
