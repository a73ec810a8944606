import { ControlClient } from '@brine/control-http/client';
import { render } from 'preact';

import { AgentLink } from './link/agent-link.ts';
import { SessionTokenStore } from './link/token-store.ts';
import { tokenIn } from './model/route.ts';
import { makePage, PageContext, Store } from './page.ts';
import './style/index.css';
import { App } from './view/app.tsx';
import { applyTheme } from './view/theme.ts';

/** A page that nobody looks at lets go of its connection after so long: browsers have few, and an idle agent may want to end. */
const HIDDEN_MS_MAX = 60_000;

applyTheme();
const tokens = new SessionTokenStore(sessionStorage);
takeToken();
const store = new Store();
const agent = new AgentLink({
  tokens,
  open: (token) => new ControlClient({ url: location.origin, token }),
  dispatch: store.dispatch,
  version: () => store.version,
  nowMs: Date.now,
  wait,
});
const page = makePage(store, agent);
agent.start();
addEventListener('hashchange', () => {
  if (takeToken()) agent.start();
});
restWhileHidden();
render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.querySelector('#page')!,
);

/** Takes the token out of the address, also out of the history, before anybody sees it. */
function takeToken(): boolean {
  const token = tokenIn(location.hash);
  if (token === undefined) return false;
  tokens.set(decodeURIComponent(token));
  history.replaceState(null, '', `${location.pathname}#/`);
  return true;
}

function restWhileHidden(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => agent.stop(), HIDDEN_MS_MAX);
    else if (!agent.isRunning && tokens.get() !== undefined) agent.start();
  });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
