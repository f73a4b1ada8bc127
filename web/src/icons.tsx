// Icons drawn by hand: one shape a state, so that colour is never alone.
import type { ComponentChildren } from 'preact';

function Icon({ children, name }: { children: ComponentChildren; name: string }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const shapes: Record<string, ComponentChildren> = {
  open: <path d="M3 8.5 6.5 12 13 4.5" />,
  alarm1: [<path d="M8 2 15 14H1z" />, <path d="M8 6v4M8 12v.6" />],
  alarm2: [<path class="solid" d="M8 1.5 15.3 14.5H.7z" />, <path class="on-solid" d="M8 6v4.2M8 12v.7" />],
  in_debt: [<circle cx="8" cy="8" r="6.3" />, <path d="M5 8h6" />],
  cut: [<path d="M8 1.5v6" />, <path d="M4.4 3.8a5.6 5.6 0 1 0 7.2 0" />],
  lost: [<path d="M1.5 6a9.5 9.5 0 0 1 13 0M4 9a6 6 0 0 1 8 0M8 12.5v.2" />, <path d="M2 14 14 2" />],
  protected: <path d="M8 1.5 14 4v4c0 3.4-2.6 5.5-6 6.5C4.6 13.5 2 11.4 2 8V4z" />,
  not_open: [<path d="M3.5 7h9v7h-9z" />, <path d="M5.5 7V4.5a2.5 2.5 0 0 1 5 0V7" />],
  relay_closed: [<circle cx="2.5" cy="8" r="1.3" />, <circle cx="13.5" cy="8" r="1.3" />, <path d="M3.8 8h8.4" />],
  relay_open: [<circle cx="2.5" cy="10" r="1.3" />, <circle cx="13.5" cy="10" r="1.3" />, <path d="M3.6 9.3 11.5 4" />],
  search: [<circle cx="7" cy="7" r="4.5" />, <path d="m10.5 10.5 4 4" />],
  close: <path d="m3.5 3.5 9 9M12.5 3.5l-9 9" />,
  pay: [<rect x="1.5" y="4" width="13" height="8.5" rx="1.5" />, <path d="M1.5 7h13" />],
  dot: <circle class="solid" cx="8" cy="8" r="3.5" />,
  building: [<path d="M3 14.5v-13h10v13M1.5 14.5h13" />, <path d="M6 5h1M9 5h1M6 8h1M9 8h1M7 14.5v-3h2v3" />],
};

export function Shape({ name }: { name: string }) {
  return <Icon name={name}>{shapes[name]}</Icon>;
}
