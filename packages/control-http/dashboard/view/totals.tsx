import type { VNode } from 'preact';

import { formatBytes, formatCount, formatDuration, formatRate } from '../model/formats.ts';
import { savingsOf } from '../model/savings.ts';
import { usePage } from '../page.ts';
import { DownIcon, UpIcon } from './icons.tsx';

/** What the machine does at the moment, and what its LAN has spared the line. */
export function Totals(): VNode {
  return (
    <div class="totals">
      <RateTile />
      <SavingsTile />
      <SiteTile />
    </div>
  );
}

function RateTile(): VNode {
  const { engine } = usePage();
  const traffic = engine.value?.traffic;
  const line = (key: 'downBytesPerSecond' | 'upBytesPerSecond'): number =>
    traffic === undefined ? 0 : traffic.near[key] + traffic.wan[key];
  return (
    <section class="card tile" aria-label="Rates at the moment">
      <dl class="rates">
        <dt>
          <DownIcon /> Receiving
        </dt>
        <dd>
          <strong>{formatRate(engine.value?.downBytesPerSecond ?? 0)}</strong>
          <span class="split">
            <span class="key key-lan">{formatRate(traffic?.site.downBytesPerSecond ?? 0)} LAN</span>
            <span class="key key-line">{formatRate(line('downBytesPerSecond'))} line</span>
          </span>
        </dd>
        <dt>
          <UpIcon /> Sending
        </dt>
        <dd>
          <strong>{formatRate(engine.value?.upBytesPerSecond ?? 0)}</strong>
          <span class="split">
            <span class="key key-lan">{formatRate(traffic?.site.upBytesPerSecond ?? 0)} LAN</span>
            <span class="key key-line">{formatRate(line('upBytesPerSecond'))} line</span>
          </span>
        </dd>
      </dl>
    </section>
  );
}

function SavingsTile(): VNode {
  const { engine } = usePage();
  const view = engine.value;
  const { lanBytes, lineBytes, percent, givenBytes } = savingsOf(view?.traffic ?? NOTHING);
  const seconds = view === undefined ? 0 : (Date.now() - Date.parse(view.startedAt)) / 1_000;
  return (
    <section class="card tile" aria-labelledby="savings-heading">
      <h2 id="savings-heading" class="tile-title">
        Kept off the line
      </h2>
      <p class="figure">
        <strong>{formatBytes(lanBytes)}</strong>
        {percent !== undefined && <span> {Math.floor(percent)} % of what was received</span>}
      </p>
      <div class="stack" aria-hidden="true">
        <div class="stack-lan" style={{ flexGrow: lanBytes }} />
        <div class="stack-line" style={{ flexGrow: lineBytes }} />
      </div>
      <p class="split">
        <span class="key key-lan">{formatBytes(lanBytes)} from the LAN</span>
        <span class="key key-line">{formatBytes(lineBytes)} over the line</span>
      </p>
      <details>
        <summary>What is compared</summary>
        <p>
          Payload bytes that this machine has received since the agent started
          {view !== undefined && <> {formatDuration(Math.max(0, seconds))} ago</>}: from machines of its own
          site, and from everywhere else. Had it fetched everything over the line, that would have carried{' '}
          {formatBytes(lanBytes + lineBytes)} instead of {formatBytes(lineBytes)}. A download from a server
          does just that; plain BitTorrent takes peers wherever they are, and comes close to it when most of
          them are at other sites. Messages of the protocol are not counted.
        </p>
        <p>
          To other machines of the site this one has given {formatBytes(givenBytes)}, which they count as
          theirs.
        </p>
      </details>
    </section>
  );
}

function SiteTile(): VNode {
  const { site, engine } = usePage();
  const view = site.value;
  const fetching = view?.fetching ?? [];
  return (
    <section class="card tile" aria-labelledby="site-heading">
      <h2 id="site-heading" class="tile-title">
        Site
      </h2>
      <p class="figure">
        <strong>{view === undefined ? '…' : (view.label ?? 'This LAN')}</strong>
      </p>
      <p>{formatCount(view?.members ?? 0, 'connection')} to machines of the site</p>
      <p>
        {fetching.length === 0
          ? 'Fetches nothing for the site at the moment'
          : `Fetches ${formatCount(fetching.length, 'payload')} for the site`}
      </p>
      <p class="faint small">
        Listens for peers at {engine.value?.listening.join(', ') || 'no address yet'} · Brine{' '}
        {engine.value?.version}
      </p>
    </section>
  );
}

const NONE = { downloadedBytes: 0, uploadedBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 };
const NOTHING = { site: NONE, near: NONE, wan: NONE };
