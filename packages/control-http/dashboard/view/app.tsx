import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { formatPercent } from '../model/formats.ts';
import { usePage } from '../page.ts';
import { ActivityView } from './activity-view.tsx';
import { AddView } from './add-view.tsx';
import { Header } from './header.tsx';
import { LimitsView } from './limits-view.tsx';
import { LinkBanner } from './link-banner.tsx';
import { Notices } from './notices.tsx';
import { PayloadView } from './payload-view.tsx';
import { PayloadsView } from './payloads-view.tsx';
import { TokenView } from './token-view.tsx';

/** The page: asks for the token, or shows the view that the address names. */
export function App(): VNode {
  const { link } = usePage();
  if (link.value.kind === 'token-needed')
    return <TokenView why={link.value.why} detail={link.value.detail} />;
  return <Shell />;
}

function Shell(): VNode {
  useTitle();
  useFocusOnRoute();
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <Header />
      <LinkBanner />
      <main id="main" tabIndex={-1}>
        <CurrentView />
      </main>
      <Notices />
    </>
  );
}

function CurrentView(): VNode {
  const { route } = usePage();
  switch (route.value.view) {
    case 'payloads':
      return <PayloadsView />;
    case 'payload':
      return <PayloadView key={route.value.name} name={route.value.name} />;
    case 'add':
      return <AddView />;
    case 'limits':
      return <LimitsView />;
    case 'activity':
      return <ActivityView />;
  }
}

/** The address behind `#` is where somebody is, so the link must not change it. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

/** Whoever comes to another view by keyboard or hears the page begins at its heading. */
function useFocusOnRoute(): void {
  const { route } = usePage();
  const place = JSON.stringify(route.value);
  const isFirst = useRef(true);
  useEffect(() => {
    // The first view is read from the top of the page.
    if (!isFirst.current) document.querySelector<HTMLElement>('main h1')?.focus();
    isFirst.current = false;
    scrollTo(0, 0);
  }, [place]);
}

function useTitle(): void {
  const { engine, route, closeup } = usePage();
  const host = engine.value?.host;
  const close = closeup.value;
  const about =
    route.value.view === 'payload'
      ? [route.value.name, close?.kind === 'here' ? formatPercent(close.payload.percent) : undefined]
      : [TITLES[route.value.view]];
  const title = [...about, host, 'Brine'].filter(Boolean).join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}

const TITLES = {
  payloads: undefined,
  payload: undefined,
  add: 'Add a payload',
  limits: 'Limits',
  activity: 'Activity',
};
