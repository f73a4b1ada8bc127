// The panel of one room: what is in the meter, what may be done, and how the last payment went.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { newKey, station, type Command, type Me, type Order, type Room, type Step } from './api';
import { Dialog } from './dialog';
import { age, clock, money, short, span } from './format';
import { both, lang, t, type TextKey } from './i18n';
import { Shape } from './icons';
import { SellDialog } from './sell';
import { faultText } from './session';

// two columns: voltage and current of a phase side by side
const first = ['voltage_a', 'current_a', 'voltage_b', 'current_b', 'voltage_c', 'current_c', 'power', 'power_factor',
  'energy', 'purchase_count'];

function Values({ room }: { room: Room }) {
  const items = room.latest?.items ?? [];
  const [all, setAll] = useState(false);
  const shown = all ? items : first.flatMap((name) => items.filter((i) => i.name === name));
  return (
    <section>
      <h3>{t('room.values')}</h3>
      <dl class="values">
        {shown.map((i) => (
          <div key={i.name}>
            <dt>{both(i)}</dt>
            <dd class={i.name === 'energy' ? 'long' : ''}>{i.value}{i.unit && i.unit !== 'yuan' ? ` ${i.unit}` : ''}</dd>
          </div>
        ))}
      </dl>
      {items.length > shown.length || all ? (
        <button class="plain" aria-expanded={all} onClick={() => setAll(!all)}>{all ? '− ' : '+ '}{t('room.values.all')}</button>
      ) : null}
    </section>
  );
}

const bad = new Set(['unknown', 'refused', 'frozen', 'fenced', 'reversed']);

// A file for the printer: the browser shows it, or keeps it.
async function fetchReceipt(order: Order): Promise<void> {
  const url = URL.createObjectURL(await station.receipt(order.id));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${t('room.receipt', { no: order.receipt_no })} ${order.amount}.pdf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function ReceiptButton({ order }: { order: Order }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const print = async () => {
    setBusy(true);
    setFault('');
    try {
      await fetchReceipt(order);
    } catch (error) {
      setFault(faultText(error));
    }
    setBusy(false);
  };
  return (
    <>
      <button class="plain receipt" disabled={busy} onClick={() => void print()}>{t('room.receipt.print')}</button>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </>
  );
}

function Timeline({ order, steps, mayPrint }: { order: Order; steps: Step[]; mayPrint: boolean }) {
  const lit = steps.find((s) => s.step === 'voltage_seen') ?? steps.find((s) => s.step === 'relay_closed');
  return (
    <>
      <p class="pay-head">
        <strong>{money(order.amount)}</strong>
        <span class={`pill ${order.settled ? order.state : 'going'}`}>{lang() === 'zh' ? order.state_zh : order.state_en}</span>
        <span class="dim">{clock(order.created_ms)} · {order.operator} · {t('room.receipt', { no: order.receipt_no })}</span>
        {mayPrint && <ReceiptButton order={order} />}
      </p>
      {order.refusal && <p class="fault">{both(order.refusal)}</p>}
      <ol class="timeline">
        {steps.map((s, i) => (
          <li key={`${s.step}${s.at_ms}`} class={bad.has(s.step) ? 'bad' : 'good'}>
            <span class="step">{both(s)}</span>
            <span class="gap">{i === 0 ? clock(s.at_ms).slice(6) : `+${span(s.at_ms - (steps[i - 1]?.at_ms ?? s.at_ms))}`}</span>
          </li>
        ))}
        {!order.settled && <li class="going"><span class="step">…</span></li>}
      </ol>
      {lit && <p class="total">{t('room.total', { ms: span(lit.since_ms) })}</p>}
    </>
  );
}

function Commands({ list }: { list: Command[] }) {
  return (
    <section>
      <h3>{t('room.commands')}</h3>
      {list.length === 0 ? <p class="dim">{t('room.commands.none')}</p> : (
        <table>
          <thead><tr><th>{t('room.when')}</th><th>{t('room.what')}</th><th>{t('room.state')}</th><th>{t('room.who')}</th></tr></thead>
          <tbody>
            {list.map((c) => (
              <tr key={c.id}>
                <td>{clock(c.created_ms)}</td>
                <td>{lang() === 'zh' ? c.act_zh : c.act_en}</td>
                <td><span class={`pill ${c.state}`}>{t(`cmd.${c.state}`)}</span>{c.result && <small> {c.result}</small>}</td>
                <td>{c.operator}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Orders({ list }: { list: Order[] }) {
  return (
    <section>
      <h3>{t('room.orders')}</h3>
      <table>
        <thead><tr><th>{t('room.when')}</th><th class="num">{t('room.amount')}</th><th>{t('room.state')}</th><th>{t('room.who')}</th></tr></thead>
        <tbody>
          {list.map((o) => (
            <tr key={o.id}>
              <td>{clock(o.created_ms)}</td>
              <td class="num">{money(o.amount)}</td>
              <td><span class={`pill ${o.settled ? o.state : 'going'}`}>{lang() === 'zh' ? o.state_zh : o.state_en}</span></td>
              <td>{o.operator}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function MeterFacts({ room }: { room: Room }) {
  const m = room.meter;
  if (!m) return null;
  const rows: [TextKey, string][] = [
    ['room.meter_no', m.meter_no],
    ['room.customer_no', m.customer_no],
    ['room.terminal', m.terminal],
    ['room.line', `${m.line} / ${m.unit}`],
    ['room.model', m.model],
    ['room.count', m.purchase_count === null ? '–' : String(m.purchase_count)],
  ];
  return (
    <section>
      <h3>{t('room.meter')}</h3>
      <dl class="values">
        {rows.map(([key, value]) => <div key={key}><dt>{t(key)}</dt><dd class={value.length > 10 ? 'long' : ''}>{value}</dd></div>)}
      </dl>
    </section>
  );
}

const AFTER_SALE_MS = 1000;

type Act = 'cut' | 'restore' | 'protect' | 'unprotect' | 'read';

function actsOf(room: Room, me: Me): Act[] {
  const acts: Act[] = [];
  const shut = room.tile.relay === 'closed';
  const safe = room.tile.protected;
  if (me.rights.includes('restore') && !shut) acts.push('restore');
  if (me.rights.includes('cut') && shut && !safe) acts.push('cut');
  if (me.rights.includes('protect')) acts.push(safe ? 'unprotect' : 'protect');
  if (me.rights.includes('read')) acts.push('read');
  return acts;
}

interface Props { roomId: number; meterId: number | null; me: Me; version: number; now: number; onClose: () => void }

export function RoomPanel({ roomId, meterId, me, version, now, onClose }: Props) {
  const [room, setRoom] = useState<Room | null>(null);
  const [fault, setFault] = useState('');
  const [said, setSaid] = useState('');
  const [refused, setRefused] = useState(''); // stays until the next act, whatever is loaded meanwhile
  const [asking, setAsking] = useState<Act | null>(null);
  const [selling, setSelling] = useState(false);
  const busy = useRef(false);
  const soldAt = useRef(0);
  const heading = useRef<HTMLHeadingElement>(null);

  const load = useCallback(async () => {
    try {
      setRoom(await station.room(roomId, meterId));
      setFault('');
    } catch (error) {
      setFault(faultText(error));
    }
  }, [roomId, meterId]);
  useEffect(() => { void load(); }, [load, version, me]);
  useEffect(() => {
    setRoom(null);
    setSaid('');
    setRefused('');
    heading.current?.focus();
  }, [roomId, meterId]);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape' && !document.querySelector('dialog[open]')) onClose();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onClose]);

  // The browser gives the focus back to the button: one Enter too many must not open the next sale.
  useEffect(() => {
    if (!selling && soldAt.current > 0) heading.current?.focus();
  }, [selling]);
  const startSale = () => {
    if (Date.now() - soldAt.current > AFTER_SALE_MS) setSelling(true);
  };

  const act = async (what: Act) => {
    if (busy.current || !room?.meter) return;
    busy.current = true;
    setAsking(null);
    setSaid('');
    setRefused('');
    try {
      await station.command(roomId, room.meter.id, what, newKey());
      setSaid(t('act.asked', { act: t(`act.${what}`) }));
    } catch (error) {
      setRefused(faultText(error));
    }
    busy.current = false;
    await load();
  };

  const tile = room?.tile;
  const name = tile ? `${tile.building} / ${tile.floor} / ${tile.name}` : '…';
  const last = room?.orders?.[0];
  const paying = tile?.order_state !== null && tile !== undefined;
  return (
    <aside class="panel" aria-label={name}>
      <header>
        <div>
          <h2 ref={heading} tabIndex={-1}>{tile?.name ?? '…'}</h2>
          <p class="dim">{tile ? `${tile.building} / ${tile.floor}` : ''}{room?.account ? ` · ${room.account.name}` : tile ? ` · ${t('room.no_account')}` : ''}</p>
        </div>
        <button class="icon-only" aria-label={t('close')} onClick={onClose}><Shape name="close" /></button>
      </header>
      {fault && <p class="fault" role="alert">{fault} <button class="plain" onClick={() => void load()}>{t('retry')}</button></p>}
      {!room && !fault && <p class="loading">{t('board.loading')}</p>}
      {room && tile && (
        <div class="panel-body">
          <div class={`headline s-${tile.state}`}>
            <span class="badge"><Shape name={tile.state} />{t(`state.${tile.state}`)}</span>
            <div class="big"><span>{t('room.balance')}</span><strong>{tile.balance === null ? '–' : money(tile.balance)}</strong></div>
            <div><span>{t('room.relay')}</span><strong class="relay"><Shape name={tile.relay === 'open' ? 'relay_open' : 'relay_closed'} />{t(tile.relay === null ? 'room.relay.none' : tile.relay === 'closed' ? 'room.relay.closed' : 'room.relay.open')}</strong></div>
            <div><span>{t('room.power')}</span><strong>{tile.power === null ? '–' : `${short(tile.power)} kW`}</strong></div>
            <div><span>{t('room.read')}</span><strong>{age(tile.taken_ms, now)}</strong></div>
          </div>
          {!room.meter && <p class="note">{t('room.no_meter')}</p>}
          {room.meter && !room.latest && <p class="note">{t('room.never')}</p>}
          {room.latest && !room.latest.online && <p class="note warn">{t('room.offline')}</p>}
          {room.meter && (
            <div class="acts">
              {me.rights.includes('sell') && (
                <button class="primary" disabled={paying} title={paying ? t('sell.open') : undefined} onClick={startSale}>
                  <Shape name="pay" />{t('act.sell')}
                </button>
              )}
              {actsOf(room, me).map((a) => (
                <button key={a} class={a === 'cut' ? 'danger' : ''} onClick={() => (a === 'read' ? void act(a) : setAsking(a))}>{t(`act.${a}`)}</button>
              ))}
            </div>
          )}
          {refused && <p class="fault" role="alert">{refused}</p>}
          <p class="said" role="status">{paying ? t('sell.open') : said}</p>
          {room.orders && (
            <section>
              <h3>{t('room.payment')}</h3>
              {last ? <Timeline order={last} steps={room.timeline ?? []} mayPrint={me.rights.includes('sell')} /> : <p class="dim">{t('room.payment.none')}</p>}
            </section>
          )}
          {room.latest && <Values room={room} />}
          {room.commands && <Commands list={room.commands} />}
          {room.orders && room.orders.length > 1 && <Orders list={room.orders} />}
          <MeterFacts room={room} />
        </div>
      )}
      {asking && (
        <Dialog title={t(`act.${asking}.ask` as TextKey, { room: name })} onClose={() => setAsking(null)}>
          <p>{t(`act.${asking}.say` as TextKey)}</p>
          <div class="buttons">
            <button onClick={() => setAsking(null)}>{t('cancel')}</button>
            <button class={asking === 'cut' ? 'danger' : 'primary'} onClick={() => void act(asking)}>{t(`act.${asking}`)}</button>
          </div>
        </Dialog>
      )}
      {selling && room && (
        <SellDialog room={room} roomName={name} onClose={() => setSelling(false)}
                    onDone={(order) => {
                      soldAt.current = Date.now();
                      setSelling(false);
                      setSaid(t('sell.done', { amount: money(order.amount), no: order.receipt_no }));
                      void load();
                    }} />
      )}
    </aside>
  );
}
