// The two catalogues and the choice between them. No text stands anywhere else in the code.
import en from './text/en.json';
import zh from './text/zh.json';

export type Lang = 'zh' | 'en';
export type TextKey = keyof typeof en;

const catalogues: Record<Lang, Record<TextKey, string>> = { en, zh };
const STORED = 'gt.lang';

function first(): Lang {
  const kept = localStorage.getItem(STORED);
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

let current: Lang = first();

export function lang(): Lang {
  return current;
}

export function setLang(next: Lang): void {
  current = next;
  localStorage.setItem(STORED, next);
  applyLang();
}

export function applyLang(): void {
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
  document.title = `${t('app')} · ${t('board.title')}`;
}

export function t(key: TextKey, values?: Record<string, string | number>): string {
  let text = catalogues[current][key];
  for (const [name, value] of Object.entries(values ?? {})) text = text.replace(`{${name}}`, String(value));
  return text;
}

/** One of a pair that the station sends in both languages. */
export function both(pair: { zh: string; en: string }): string {
  return pair[current];
}
