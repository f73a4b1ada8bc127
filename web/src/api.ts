// The station's HTTP interface as typed calls. See docs/api.md.
export type State =
  | 'open' | 'alarm1' | 'alarm2' | 'in_debt' | 'cut' | 'lost' | 'protected' | 'not_open';

export interface Tile {
  room_id: number;
  building: string;
  floor: string;
  name: string;
  account_name: string | null;
  meter_id: number | null;
  meter_no: string | null;
  state: State;
  protected: boolean;
  online: boolean;
  balance: string | null;
  power: string | null;
  relay: 'closed' | 'open' | null;
  taken_ms: number | null;
  order_state: string | null;
}

export interface Item { name: string; zh: string; en: string; unit: string; value: string }

export interface Step { step: string; zh: string; en: string; at_ms: number; since_ms: number; detail: string }

export interface Order {
  id: number;
  amount: string;
  state: string;
  state_zh: string;
  state_en: string;
  settled: boolean;
  receipt_no: number;
  operator: string;
  created_ms: number;
  refusal: { code: string; zh: string; en: string } | null;
}

export interface Command {
  id: number;
  act: string;
  act_zh: string;
  act_en: string;
  state: 'waiting' | 'sent' | 'done' | 'failed' | 'expired';
  created_ms: number;
  operator: string;
  result: string;
}

export interface Room {
  now_ms: number;
  tile: Tile;
  account: { id: number; name: string; phone: string } | null;
  meter: {
    id: number; meter_no: string; customer_no: string; terminal: string; line: number; unit: number;
    model: string; opened: boolean; purchase_count: number | null;
  } | null;
  latest?: { taken_ms: number; received_ms: number; online: boolean; items: Item[] } | null;
  orders?: Order[];
  timeline?: Step[];
  commands?: Command[];
  sale_min?: string;
  sale_max?: string;
}

export interface Me { name: string; role: string; role_zh: string; role_en: string; rights: string[]; csrf: string }

export interface Status {
  terminals: number;
  terminals_online: number;
  sales_today?: number;
  money_today?: string;
  orders_open?: number;
}

export interface Fault { code: string; message_zh: string; message_en: string; field: string | null }

/** The station said no (fault set), or did not answer (fault null). */
export class Failure extends Error {
  constructor(readonly status: number, readonly fault: Fault | null) {
    super(fault?.code ?? 'network');
  }
}

let csrf = '';
let onEnded: () => void = () => undefined;

export function keepToken(token: string): void {
  csrf = token;
}

export function whenSessionEnds(then: () => void): void {
  onEnded = then;
}

async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown, form: 'json' | 'blob' = 'json'): Promise<T> {
  let response: Response;
  let answer: unknown;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 20000);
  try {
    const init: RequestInit = { method, credentials: 'same-origin', signal: stop.signal };
    if (method === 'POST') {
      init.headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf };
      init.body = JSON.stringify(body ?? {});
    }
    response = await fetch(path, init);
    answer = await (response.ok && form === 'blob' ? response.blob() : response.json());
  } catch {
    throw new Failure(0, null);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) {
    const fault = (answer as { error?: Fault }).error ?? null;
    if (fault?.code === 'no_session') onEnded();
    throw new Failure(response.status, fault);
  }
  return answer as T;
}

export const station = {
  start: () => call<{ setup_pending: boolean }>('GET', '/api/start'),
  setup: (token: string, name: string, password: string) => call<Me>('POST', '/api/setup', { token, name, password }),
  login: (name: string, password: string) => call<Me>('POST', '/api/login', { name, password }),
  logout: () => call<unknown>('POST', '/api/logout'),
  me: () => call<Me>('GET', '/api/me'),
  status: () => call<Status>('GET', '/api/status'),
  rooms: () => call<{ now_ms: number; rooms: Tile[] }>('GET', '/api/rooms'),
  roomsOfMeters: (ids: number[]) => call<{ now_ms: number; rooms: Tile[] }>('GET', `/api/rooms?meters=${ids.join(',')}`),
  room: (roomId: number, meterId: number | null) =>
    call<Room>('GET', `/api/rooms/${roomId}${meterId === null ? '' : `?meter_id=${meterId}`}`),
  sell: (sale: { room_id: number; meter_id: number; amount: string; key: string }) =>
    call<{ replayed: boolean; order: Order }>('POST', '/api/sales', sale),
  receipt: (orderId: number) => call<Blob>('POST', `/api/orders/${orderId}/receipt`, { form: 'pdf' }, 'blob'),
  command: (roomId: number, meterId: number, command: string, key: string) =>
    call<{ replayed: boolean }>('POST', `/api/rooms/${roomId}/commands`, { command, key, meter_id: meterId }),
};

/** 128 random bits. Works without https too, unlike crypto.randomUUID. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
