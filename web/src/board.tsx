// The room board: tree, filters, tiles, kept up to date by live events.
import { Component } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { station, type Me, type State, type Status, type Tile } from './api';
import { age, byName, money, short } from './format';
import { lang, t, type Lang } from './i18n';
import { Shape } from './icons';
import { follow } from './live';
import { RoomPanel } from './room';
import { faultText } from './session';

const states: State[] = ['open', 'alarm1', 'alarm2', 'in_debt', 'cut', 'protected', 'lost', 'not_open'];
const ASK_MAX = 200;

const tileKey = (tile: Tile) => `${tile.room_id}.${tile.meter_id ?? 0}`;

interface TileProps { tile: Tile; ageText: string; chosen: boolean; language: Lang; onOpen: (tile: Tile) => void }

class TileButton extends Component<TileProps> {
  override shouldComponentUpdate(next: TileProps): boolean {
    const p = this.props;
    return p.tile !== next.tile || p.ageText !== next.ageText || p.chosen !== next.chosen || p.language !== next.language;
  }

  render({ tile, ageText, chosen, onOpen }: TileProps) {
    const relay = tile.relay === null ? 'relay.none' : tile.relay === 'closed' ? 'relay.closed' : 'relay.open';
    return (
      <button class={`tile s-${tile.state}`} aria-pressed={chosen} data-room={tile.room_id} onClick={() => onOpen(tile)}>
        <span class="tile-top">
          <span class="tile-name" title={tile.account_name ?? undefined}>{tile.name}</span>
          <span class="tile-state"><Shape name={tile.state} />{t(`state.${tile.state}`)}</span>
        </span>
        <span class="tile-balance">{tile.balance === null ? '–' : money(tile.balance)}</span>
        <span class="tile-foot">
          <span class={`tile-relay ${tile.relay ?? ""}`} title={t(relay)}>
            <Shape name={tile.relay === 'open' ? 'relay_open' : 'relay_closed'} />
            <span class="for-readers">{t(relay)}</span>
          </span>
          {tile.order_state && <span class="tile-pay" title={t('board.paying')}><Shape name="pay" /><span class="for-readers">{t('board.paying')}</span></span>}
          {tile.power !== null && <span class="tile-power">{short(tile.power)} kW</span>}
          <span class={tile.online || tile.taken_ms === null ? '' : 'stale'}>{ageText}</span>
        </span>
      </button>
    );
  }
}

interface Place { building: string | null; floor: string | null }

interface TreeNode { building: string; count: number; bad: number; floors: { floor: string; count: number; bad: number }[] }

const troubled = (tile: Tile) => tile.state === 'in_debt' || tile.state === 'cut' || tile.state === 'alarm2' || tile.state === 'lost';

function treeOf(tiles: Tile[]): TreeNode[] {
  const buildings = new Map<string, TreeNode>();
  for (const tile of tiles) {
    let node = buildings.get(tile.building);
    if (!node) buildings.set(tile.building, (node = { building: tile.building, count: 0, bad: 0, floors: [] }));
    let leaf = node.floors.find((f) => f.floor === tile.floor);
    if (!leaf) node.floors.push((leaf = { floor: tile.floor, count: 0, bad: 0 }));
    node.count++;
    leaf.count++;
    if (troubled(tile)) {
      node.bad++;
      leaf.bad++;
    }
  }
  const list = [...buildings.values()].sort((a, b) => byName(a.building, b.building));
  for (const node of list) node.floors.sort((a, b) => byName(a.floor, b.floor));
  return list;
}

interface TreeProps { tree: TreeNode[]; total: number; place: Place; onPlace: (place: Place) => void }

function Tree({ tree, total, place, onPlace }: TreeProps) {
  const row = (label: string, count: number, badCount: number, to: Place, deep: boolean) => {
    const on = to.building === place.building && to.floor === place.floor;
    return (
      <li key={`${to.building}/${to.floor}`}>
        <button class={deep ? 'deep' : ''} aria-current={on ? 'true' : undefined} onClick={() => onPlace(to)}>
          <span>{label}</span>
          {badCount > 0 && <span class="bad-count" title={t('board.trouble', { n: badCount })}>{badCount}</span>}
          <span class="dim">{count}</span>
        </button>
      </li>
    );
  };
  return (
    <nav class="tree" aria-label={t('board.tree')}>
      <ul>
        {row(t('board.all'), total, 0, { building: null, floor: null }, false)}
        {tree.map((b) => [
          row(b.building, b.count, b.bad, { building: b.building, floor: null }, false),
          ...b.floors.map((f) => row(f.floor, f.count, f.bad, { building: b.building, floor: f.floor }, true)),
        ])}
      </ul>
    </nav>
  );
}

function PlaceSelect({ tree, place, onPlace }: Omit<TreeProps, 'total'>) {
  const value = JSON.stringify(place);
  return (
    <select class="place-select" aria-label={t('board.place')} value={value}
            onChange={(e) => onPlace(JSON.parse(e.currentTarget.value) as Place)}>
      <option value={JSON.stringify({ building: null, floor: null })}>{t('board.all')}</option>
      {tree.map((b) => [
        <option key={b.building} value={JSON.stringify({ building: b.building, floor: null })}>{b.building} ({b.count})</option>,
        ...b.floors.map((f) => (
          <option key={`${b.building}/${f.floor}`} value={JSON.stringify({ building: b.building, floor: f.floor })}>
            {'\u2003'}{b.building} / {f.floor} ({f.count})
          </option>
        )),
      ])}
    </select>
  );
}

function Counts({ tiles, status }: { tiles: Tile[]; status: Status | null }) {
  const metered = tiles.filter((x) => x.meter_id !== null);
  const online = metered.filter((x) => x.online).length;
  const rate = metered.length === 0 ? '' : ` ${(Math.floor((online * 1000) / metered.length) / 10).toFixed(1)}%`;
  return (
    <dl class="counts">
      <div><dt>{t('count.rooms')}</dt><dd>{tiles.length}</dd></div>
      <div><dt>{t('count.online')}</dt><dd>{online}<small>{rate}</small></dd></div>
      {status && <div><dt>{t('count.terminals')}</dt><dd>{status.terminals_online}<small> / {status.terminals}</small></dd></div>}
      <div class="hot"><dt>{t('count.in_debt')}</dt><dd>{tiles.filter((x) => x.state === 'in_debt').length}</dd></div>
      <div class="hot"><dt>{t('count.cut')}</dt><dd>{tiles.filter((x) => x.relay === 'open').length}</dd></div>
      {status?.money_today !== undefined && (
        <div><dt>{t('count.money')}</dt><dd>{money(status.money_today)}<small> {t('count.sales', { n: status.sales_today ?? 0 })}</small></dd></div>
      )}
      {status?.orders_open !== undefined && <div><dt>{t('count.orders')}</dt><dd>{status.orders_open}</dd></div>}
    </dl>
  );
}

function fits(tile: Tile, place: Place, text: string): boolean {
  if (place.building !== null && tile.building !== place.building) return false;
  if (place.floor !== null && tile.floor !== place.floor) return false;
  if (text === '') return true;
  return [tile.name, tile.account_name ?? '', tile.meter_no ?? ''].some((x) => x.toLowerCase().includes(text));
}

interface Group { title: string; tiles: Tile[] }

function groupsOf(tiles: Tile[]): Group[] {
  const groups = new Map<string, Group>();
  for (const tile of tiles) {
    const title = `${tile.building} / ${tile.floor}`;
    let group = groups.get(title);
    if (!group) groups.set(title, (group = { title, tiles: [] }));
    group.tiles.push(tile);
  }
  const list = [...groups.values()].sort((a, b) => byName(a.title, b.title));
  for (const group of list) group.tiles.sort((a, b) => byName(a.name, b.name));
  return list;
}

function chosenInUrl(): { room: number; meter: number | null } | null {
  const m = /^#room=(\d+)(?:\.(\d+))?$/.exec(location.hash);
  return m ? { room: Number(m[1]), meter: m[2] === undefined ? null : Number(m[2]) } : null;
}

export function Board({ me, onLive }: { me: Me; onLive: (up: boolean) => void }) {
  const [tiles, setTiles] = useState<Map<string, Tile> | null>(null);
  const [status, setStatus] = useState<Status | null>(null);
  const [fault, setFault] = useState('');
  const [place, setPlace] = useState<Place>({ building: null, floor: null });
  const [state, setState] = useState<State | null>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(chosenInUrl());
  const [version, setVersion] = useState(0);
  const [now, setNow] = useState(Date.now());
  const skew = useRef(0); // station's clock minus this computer's

  const loadAll = useCallback(async () => {
    try {
      const answer = await station.rooms();
      skew.current = answer.now_ms - Date.now();
      setTiles(new Map(answer.rooms.map((x) => [tileKey(x), x])));
      setNow(answer.now_ms);
      setFault('');
    } catch (error) {
      setFault(faultText(error));
    }
  }, []);
  const loadStatus = useCallback(async () => {
    try {
      setStatus(await station.status());
    } catch {
      // the board itself tells that the station is gone; the last counts stay
    }
  }, []);
  const loadSome = useCallback(async (meters: number[]) => {
    for (let i = 0; i < meters.length; i += ASK_MAX) {
      try {
        const answer = await station.roomsOfMeters(meters.slice(i, i + ASK_MAX));
        setTiles((old) => {
          const next = new Map(old ?? []);
          answer.rooms.forEach((x) => next.set(tileKey(x), x));
          return next;
        });
      } catch {
        return; // the next event or the next minute asks again
      }
    }
  }, []);

  const open = useRef(chosen);
  open.current = chosen;
  useEffect(() => {
    void loadAll();
    void loadStatus();
    const stop = follow((changes) => {
      if (changes.all) void loadAll();
      else if (changes.meters.length > 0) void loadSome(changes.meters);
      if (changes.orders || changes.terminals || changes.all) void loadStatus();
      const mine = open.current?.meter;
      if (changes.orders || changes.commands || changes.all || (mine != null && changes.meters.includes(mine))) setVersion((v) => v + 1);
    }, onLive);
    const tick = window.setInterval(() => setNow(Date.now() + skew.current), 5000);
    const slow = window.setInterval(() => { void loadAll(); void loadStatus(); }, 60000);
    const onHash = () => setChosen(chosenInUrl());
    window.addEventListener('hashchange', onHash);
    return () => {
      stop();
      clearInterval(tick);
      clearInterval(slow);
      window.removeEventListener('hashchange', onHash);
    };
  }, [loadAll, loadStatus, loadSome, onLive]);

  const all = useMemo(() => [...(tiles?.values() ?? [])], [tiles]);
  const tree = useMemo(() => treeOf(all), [all]);
  const here = useMemo(() => all.filter((x) => fits(x, place, text.trim().toLowerCase())), [all, place, text]);
  const groups = useMemo(() => groupsOf(state === null ? here : here.filter((x) => x.state === state)), [here, state]);
  const shown = groups.reduce((n, g) => n + g.tiles.length, 0);

  const openTile = useCallback((tile: Tile) => { location.hash = `room=${tile.room_id}${tile.meter_id === null ? '' : `.${tile.meter_id}`}`; }, []);
  const closePanel = useCallback(() => {
    const from = open.current;
    history.replaceState(null, '', location.pathname);
    setChosen(null);
    if (from) document.querySelector<HTMLElement>(`[data-room="${from.room}"]`)?.focus();
  }, []);
  const clear = () => {
    setPlace({ building: null, floor: null });
    setState(null);
    setText('');
  };

  return (
    <>
      <Counts tiles={all} status={status} />
      <div class={chosen ? 'work with-panel' : 'work'}>
        <Tree tree={tree} total={all.length} place={place} onPlace={setPlace} />
        <main>
          <div class="tools">
            <label class="search">
              <Shape name="search" />
              <input type="search" aria-label={t('board.search.label')} placeholder={t('board.search')} value={text}
                     onInput={(e) => setText(e.currentTarget.value)} />
            </label>
            <PlaceSelect tree={tree} place={place} onPlace={setPlace} />
            <div class="chips" role="group" aria-label={t('board.filter')}>
              <button aria-pressed={state === null} onClick={() => setState(null)}>{t('state.all')} <b>{here.length}</b></button>
              {states.map((s) => {
                const n = here.filter((x) => x.state === s).length;
                return (
                  <button key={s} class={`s-${s}`} aria-pressed={state === s} disabled={n === 0 && state !== s}
                          onClick={() => setState(state === s ? null : s)}>
                    <Shape name={s} />{t(`state.${s}`)} <b>{n}</b>
                  </button>
                );
              })}
            </div>
          </div>
          {fault && <p class="fault" role="alert">{fault} <button class="plain" onClick={() => void loadAll()}>{t('retry')}</button></p>}
          {tiles === null && !fault && <p class="loading">{t('board.loading')}</p>}
          {tiles !== null && all.length === 0 && <p class="empty">{t('board.none')}</p>}
          {all.length > 0 && shown === 0 && <p class="empty">{t('board.empty')} <button class="plain" onClick={clear}>{t('board.empty.clear')}</button></p>}
          {groups.map((g) => (
            <section key={g.title} class="group">
              <h2>{g.title} <span class="dim">{g.tiles.length}</span></h2>
              <div class="tiles">
                {g.tiles.map((x) => (
                  <TileButton key={tileKey(x)} tile={x} ageText={age(x.taken_ms, now)} language={lang()}
                              chosen={chosen?.room === x.room_id} onOpen={openTile} />
                ))}
              </div>
            </section>
          ))}
          <p class="for-readers" role="status">{t('board.shown', { n: shown, all: all.length })}</p>
        </main>
        {chosen && (
          <RoomPanel roomId={chosen.room} meterId={chosen.meter} me={me} version={version} now={now} onClose={closePanel} />
        )}
      </div>
    </>
  );
}
