import type { PayloadDetails } from '@brine/control-http/client';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';

import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from '../model/formats.ts';
import { PHASES } from '../model/phases.ts';
import { usePage } from '../page.ts';
import { FileTable } from './file-table.tsx';
import { AlertIcon, BackIcon } from './icons.tsx';
import { PayloadActions } from './payload-actions.tsx';
import { PayloadFacts } from './payload-facts.tsx';
import { PeerTable } from './peer-table.tsx';
import { PhaseBadge } from './phase-badge.tsx';
import { PieceMap } from './piece-map.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { TrackerTable } from './tracker-table.tsx';

/** One payload, closely. */
export function PayloadView({ name }: { readonly name: string }): VNode {
  const { agent, closeup } = usePage();
  useEffect(() => {
    agent.lookAt(name);
    return () => agent.lookAt(undefined);
  }, [name]);
  const close = closeup.value;
  const payload = close?.kind === 'here' ? close.payload : undefined;
  return (
    <article class="payload">
      <a class="back" href="#/">
        <BackIcon /> All payloads
      </a>
      <section class="card">
        <div class="section-head">
          <h1 tabIndex={-1}>{name}</h1>
          {payload !== undefined && <PhaseBadge status={payload} />}
          {payload !== undefined && <PayloadActions payload={payload} />}
        </div>
        {payload === undefined ? (
          <p class="empty" role="status">
            {close?.kind === 'gone' ? 'There is no such payload here (any more).' : 'Asking the agent…'}
          </p>
        ) : (
          <Head payload={payload} />
        )}
      </section>
      {payload !== undefined && (
        <>
          <PieceMap pieces={payload.pieces} />
          <PeerTable peers={payload.connections} />
          <PayloadFacts payload={payload} />
          <FileTable payload={payload} />
          <TrackerTable trackers={payload.trackers} />
        </>
      )}
    </article>
  );
}

function Head({ payload }: { readonly payload: PayloadDetails }): VNode {
  const { error } = payload;
  return (
    <>
      <Progress payload={payload} />
      {error !== undefined && (
        <div class="trouble" role="alert">
          <AlertIcon />
          <div>
            <strong>{error.message}</strong>
            <p>{error.wayOut}</p>
            <p class="faint small">
              Code <code>{error.code}</code>
            </p>
          </div>
        </div>
      )}
    </>
  );
}

function Progress({ payload }: { readonly payload: PayloadDetails }): VNode {
  const { name, percent, checkedPercent, phase, bytesDone, bytesTotal, complete, etaSeconds } = payload;
  const said = [
    checkedPercent === undefined ? undefined : `${formatPercent(checkedPercent)} checked`,
    bytesTotal === 0 ? undefined : `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)} verified`,
    complete || etaSeconds === undefined ? undefined : `${formatDuration(etaSeconds)} left`,
    payload.downBytesPerSecond === 0 ? undefined : `receiving ${formatRate(payload.downBytesPerSecond)}`,
    payload.upBytesPerSecond === 0 ? undefined : `sending ${formatRate(payload.upBytesPerSecond)}`,
    formatCount(payload.peers, 'peer'),
  ].filter((each) => each !== undefined);
  return (
    <div class="progress-large">
      <p class="figure">
        <strong>{formatPercent(percent)}</strong>
      </p>
      <div>
        <ProgressBar
          percent={checkedPercent ?? percent}
          label={`Progress of ${name}`}
          tone={PHASES[phase].tone}
        />
        <p class="faint">{said.join(' · ')}</p>
      </div>
    </div>
  );
}
