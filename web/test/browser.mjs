// One headless Chromium for the page tests: Debian's own, quiet, with artefacts in one folder.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const sizes = {
  desktop: { width: 1366, height: 768 },
  wide: { width: 1920, height: 1080 },
  phone: { width: 390, height: 844 },
};

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
           '--disable-component-update', '--disable-sync'],
  });
}

/** A page whose script errors and refused resources are collected: a test ends with none of them. */
export async function openPage(browser, { size, locale, state }) {
  const context = await browser.newContext({ viewport: sizes[size], locale, storageState: state });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (e) => problems.push(`script: ${e.message}`));
  page.on('console', (m) => {
    const expected = /status of (400|401|403|409|429)/.test(m.text()) || /ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED|FAILED)/.test(m.text());
    if (m.type() === 'error' && !expected) problems.push(`console: ${m.text()}`);
  });
  page.on('request', (r) => {
    if (!r.url().startsWith('http://127.0.0.1') && !r.url().startsWith('data:')) problems.push(`foreign: ${r.url()}`);
  });
  return { context, page, problems };
}

export async function shot(page, folder, name) {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
