// Numbers and times as people read them. Money stays text: it is never made a floating number.
import { lang, t } from './i18n';

export function age(takenMs: number | null, nowMs: number): string {
  if (takenMs === null) return t('board.never');
  const s = Math.max(0, Math.round((nowMs - takenMs) / 1000));
  if (s < 5) return t('age.now');
  if (s < 60) return t('age.s', { n: s });
  if (s < 3600) return t('age.min', { n: Math.floor(s / 60) });
  if (s < 86400) return t('age.h', { n: Math.floor(s / 3600) });
  return t('age.d', { n: Math.floor(s / 86400) });
}

export function clock(ms: number): string {
  const pad = (n: number) => String(n).padStart(2, '0');
  const d = new Date(ms);
  return `${pad(d.getMonth() + 1)}-${pad(d.getDate())} ${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

export function span(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60000 ? `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s` : `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`;
}

/** "-1234567.80" -> "-¥1,234,567.80" */
export function money(text: string): string {
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '', cents] = text.slice(sign.length).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${sign}¥${grouped}${cents === undefined ? '' : `.${cents}`}`;
}

/** Exact: "12.3" -> 1230n fen. Null when it is no amount with at most two decimals. */
export function fen(text: string): bigint | null {
  const m = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text);
  if (!m) return null;
  const value = BigInt(m[2] ?? '0') * 100n + BigInt((m[3] ?? '').padEnd(2, '0'));
  return m[1] === '-' ? -value : value;
}

export function yuan(value: bigint): string {
  const sign = value < 0n ? '-' : '';
  const abs = value < 0n ? -value : value;
  return `${sign}${abs / 100n}.${String(abs % 100n).padStart(2, '0')}`;
}

/** Names sort as people count: B2 before B10. */
export function byName(a: string, b: string): number {
  return a.localeCompare(b, lang(), { numeric: true });
}

/** "19.8140" -> "19.81": enough for a tile; the room's values keep every digit. */
export function short(text: string): string {
  return text.replace(/(\.\d\d)\d+$/, '$1');
}
