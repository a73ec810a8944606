import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { formatTime } from '../model/formats.ts';
import type { Link, State } from '../model/state.ts';
import { usePage } from '../page.ts';
import { Mark, ThemeIcon } from './icons.tsx';
import type { Theme } from './theme.ts';
import { chooseTheme, readTheme } from './theme.ts';

const VIEWS = [
  ['payloads', '#/', 'Payloads'],
  ['limits', '#/limits', 'Limits'],
  ['activity', '#/activity', 'Activity'],
] as const;

/** Whose page it is, whether it is connected, and the ways through it. */
export function Header(): VNode {
  const { engine, site, link, route } = usePage();
  const { view } = route.value;
  const current = view === 'payload' || view === 'add' ? 'payloads' : view;
  return (
    <header class="top">
      <a class="brand" href="#/" aria-label="Brine, all payloads">
        <Mark />
        <span class="brand-name">Brine</span>
      </a>
      <p class="machine">
        <strong>{engine.value?.host ?? '…'}</strong>
        {site.value?.label !== undefined && <span class="faint"> at {site.value.label}</span>}
      </p>
      <nav aria-label="Views">
        {VIEWS.map(([name, href, label]) => (
          <a key={name} href={href} aria-current={current === name ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <LinkState link={link.value} />
      <ThemeButton />
    </header>
  );
}

function LinkState({ link }: { readonly link: State['link'] }): VNode {
  return (
    <p class={`link-state link-${link.kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      {wordsOf(link)}
    </p>
  );
}

function wordsOf(link: Link): string {
  switch (link.kind) {
    case 'live':
      return 'Live';
    case 'away':
      return `Away since ${formatTime(link.sinceMs)}`;
    case 'connecting':
    case 'token-needed':
      return 'Connecting…';
  }
}

function ThemeButton(): VNode {
  const [theme, setTheme] = useState(readTheme);
  const next = NEXT[theme];
  const turn = (): void => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" class="button quiet square" onClick={turn} title={`Colours: ${theme}`}>
      <ThemeIcon />
      <span class="unseen">
        Colours: {theme}; change to {next}
      </span>
    </button>
  );
}

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'dark', dark: 'light', light: 'auto' };
