// Live events: what changed, gathered for a moment, then handed on together.
export interface Changes { meters: number[]; orders: boolean; commands: boolean; terminals: boolean; all: boolean }

const GATHER_MS = 400;

export function follow(onChanges: (changes: Changes) => void, onState: (up: boolean) => void): () => void {
  const meters = new Set<number>();
  let pending: Omit<Changes, 'meters'> = { orders: false, commands: false, terminals: false, all: false };
  let timer = 0;
  let source: EventSource | null = null;
  let again = 0;
  let closed = false;
  let wasUp = false;

  const flush = () => {
    timer = 0;
    const changes: Changes = { ...pending, meters: [...meters] };
    meters.clear();
    pending = { orders: false, commands: false, terminals: false, all: false };
    onChanges(changes);
  };
  const gather = (mark: Partial<Changes>, ids: number[] = []) => {
    ids.forEach((id) => meters.add(id));
    pending = { ...pending, ...mark };
    if (timer === 0) timer = window.setTimeout(flush, GATHER_MS);
  };
  const idsOf = (event: Event) => (JSON.parse((event as MessageEvent<string>).data) as { ids: number[] }).ids;

  const open = () => {
    again = 0;
    source = new EventSource('/api/events');
    source.addEventListener('hello', () => {
      onState(true);
      if (wasUp) gather({ all: true }); // something may have happened while nobody listened
      wasUp = true;
    });
    source.addEventListener('reset', () => gather({ all: true }));
    source.addEventListener('meter', (e) => gather({}, idsOf(e)));
    source.addEventListener('order', () => gather({ orders: true }));
    source.addEventListener('command', () => gather({ commands: true }));
    source.addEventListener('terminal', () => gather({ terminals: true }));
    source.onerror = () => {
      onState(false);
      if (source?.readyState === EventSource.CLOSED && !closed) {
        gather({ all: true }); // finds out whether the session has ended
        again = window.setTimeout(open, 5000);
      }
    };
  };
  open();
  return () => {
    closed = true;
    source?.close();
    clearTimeout(timer);
    clearTimeout(again);
  };
}
