// The sale. Its key is made and kept in the browser before anything is sent, so that a lost answer,
// a double click or a closed page can only ever ask for the same sale again.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure, newKey, station, type Order, type Room } from './api';
import { Dialog } from './dialog';
import { fen, money, yuan } from './format';
import { t } from './i18n';
import { faultText } from './session';

interface Kept { key: string; amount: string }

const place = (meterId: number) => `gt.sale.${meterId}`;

function kept(meterId: number): Kept | null {
  const text = localStorage.getItem(place(meterId));
  return text === null ? null : (JSON.parse(text) as Kept);
}

interface Props { room: Room; roomName: string; onClose: () => void; onDone: (order: Order) => void }

const presets = ['50', '100', '200', '500'];

export function SellDialog({ room, roomName, onClose, onDone }: Props) {
  const meterId = room.meter?.id ?? 0;
  const before = useRef(kept(meterId));
  const [amount, setAmount] = useState(before.current?.amount ?? '');
  const [asking, setAsking] = useState(false);
  const [sending, setSending] = useState(false);
  const [lost, setLost] = useState(false);
  const [fault, setFault] = useState('');
  const busy = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  const confirm = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    (asking || before.current ? confirm : input).current?.focus();
  }, [asking]);

  const min = room.sale_min ?? '0.01';
  const max = room.sale_max ?? '100000.00';
  const value = fen(amount);
  const good = value !== null && value >= (fen(min) ?? 1n) && value <= (fen(max) ?? 0n);
  const old = room.tile.balance === null ? null : fen(room.tile.balance);
  const resume = before.current !== null;
  const shown = value === null ? '' : yuan(value);

  const send = async () => {
    if (busy.current || !good) return;
    busy.current = true;
    setSending(true);
    setFault('');
    const sale = kept(meterId) ?? { key: newKey(), amount: shown };
    localStorage.setItem(place(meterId), JSON.stringify(sale));
    try {
      const answer = await station.sell({ room_id: room.tile.room_id, meter_id: meterId, ...sale });
      localStorage.removeItem(place(meterId));
      onDone(answer.order);
      return;
    } catch (error) {
      // Only a clear no ends the sale. Silence, a fault of the station or an ended session does not.
      const refused = error instanceof Failure && error.status >= 400 && error.status < 500 && error.status !== 401;
      if (refused) {
        localStorage.removeItem(place(meterId));
        before.current = null;
        setAsking(false);
      }
      setLost(!refused);
      setFault(refused || (error instanceof Failure && error.fault) ? faultText(error) : '');
    }
    busy.current = false;
    setSending(false);
  };

  const fixed = asking || resume;
  return (
    <Dialog title={t('sell.title', { room: roomName })} onClose={() => { if (!sending) onClose(); }}>
      <form onSubmit={(e) => { e.preventDefault(); if (fixed) void send(); else if (good) setAsking(true); else setFault(t('sell.amount.bad', { min, max })); }}>
        {resume && !lost && <p class="note">{t('sell.pending', { amount: money(before.current?.amount ?? '') })}</p>}
        <dl class="sums">
          <dt>{t('sell.old')}</dt>
          <dd>{old === null ? t('sell.unknown') : money(yuan(old))}</dd>
          <dt><label for="amount">{t('sell.amount')}</label></dt>
          <dd>
            {fixed ? <strong>{money(shown)}</strong> : (
              <span class="amount">¥<input ref={input} id="amount" name="amount" inputMode="decimal" autocomplete="off"
                     value={amount} placeholder="0.00" aria-describedby="amount-hint"
                     onInput={(e) => { setAmount(e.currentTarget.value.trim()); setFault(''); }} /></span>
            )}
          </dd>
          <dt>{t('sell.new')}</dt>
          <dd class="new">{good && old !== null && value !== null ? money(yuan(old + value)) : t('sell.unknown')}</dd>
        </dl>
        {!fixed && (
          <>
            <small id="amount-hint">{t('sell.amount.hint')}</small>
            <div class="presets">
              {presets.map((p) => (
                <button type="button" key={p} onClick={() => { setAmount(p); setFault(''); }}>¥{p}</button>
              ))}
            </div>
          </>
        )}
        {fixed && <p class="ask">{t('sell.confirm.ask', { amount: money(shown), room: roomName })}</p>}
        {lost && <p class="note warn" role="alert">{t('sell.lost')}</p>}
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="buttons">
          {asking && !lost && !resume && <button type="button" onClick={() => setAsking(false)} disabled={sending}>{t('sell.back')}</button>}
          {(!asking || lost) && <button type="button" onClick={onClose} disabled={sending}>{t(lost ? 'close' : 'cancel')}</button>}
          <button ref={confirm} type="submit" class="primary" aria-disabled={sending || !good}>
            {sending ? t('sell.busy') : !fixed ? t('sell.next') : lost ? t('retry')
              : resume ? t('sell.finish') : t('sell.confirm', { amount: money(shown) })}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
