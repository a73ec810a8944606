import type { PayloadStatus } from '@brine/control-http/client';
import { Component } from 'preact';
import type { VNode } from 'preact';

import { formatBytes, formatDuration, formatPercent, formatRate } from '../model/formats.ts';
import { PHASES } from '../model/phases.ts';
import { hashOf } from '../model/route.ts';
import { AlertIcon, PauseIcon, PlayIcon } from './icons.tsx';
import { useOrder } from './orders.ts';
import { PhaseBadge } from './phase-badge.tsx';
import { ProgressBar } from './progress-bar.tsx';

interface RowProps {
  readonly status: PayloadStatus;
}

/** One payload in the list. Drawn anew only when its status is another one: there may be a thousand of them. */
export class PayloadRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.status !== this.props.status;
  }

  override render({ status }: RowProps): VNode {
    const { name, percent, bytesTotal, downBytesPerSecond, upBytesPerSecond, peers, error } = status;
    return (
      <div class="row" role="row">
        <div class="cell cell-name" role="cell">
          <a href={hashOf({ view: 'payload', name })}>{name}</a>
          {error !== undefined && (
            <p class="row-error">
              <AlertIcon /> {error.message} <span class="way-out">{error.wayOut}</span>
            </p>
          )}
        </div>
        <div class="cell cell-percent" role="cell">
          <span class="progress-words">
            <span class="percent">{formatPercent(status.checkedPercent ?? percent)}</span>
            <PhaseBadge status={status} />
          </span>
          <ProgressBar
            percent={status.checkedPercent ?? percent}
            label={name}
            tone={PHASES[status.phase].tone}
          />
        </div>
        <div class="cell cell-size" role="cell">
          {bytesTotal === 0 ? '' : formatBytes(bytesTotal)}
        </div>
        <div class="cell cell-down" role="cell">
          {rateText(downBytesPerSecond)}
        </div>
        <div class="cell cell-up" role="cell">
          {rateText(upBytesPerSecond)}
        </div>
        <div class="cell cell-peers" role="cell">
          {peers === 0 ? '' : peers}
        </div>
        <div class="cell cell-left" role="cell">
          {leftText(status)}
        </div>
        <div class="cell cell-action" role="cell">
          <RunButton status={status} />
        </div>
      </div>
    );
  }
}

function RunButton({ status }: RowProps): VNode {
  const { isBusy, give } = useOrder();
  const { name, phase } = status;
  const resumes = phase === 'paused' || phase === 'failed';
  const order = (): void =>
    void (resumes
      ? give((agent) => agent.resume(name), `${name} goes on.`)
      : give((agent) => agent.pause(name), `${name} is paused.`));
  return (
    <button type="button" class="button quiet square" disabled={isBusy} onClick={order}>
      {resumes ? <PlayIcon /> : <PauseIcon />}
      <span class="unseen">
        {resumes ? (phase === 'failed' ? 'Try again' : 'Resume') : 'Pause'} {name}
      </span>
    </button>
  );
}

/** Zeros would hide where something happens. */
function rateText(bytesPerSecond: number): string {
  return bytesPerSecond === 0 ? '' : formatRate(bytesPerSecond);
}

function leftText({ complete, etaSeconds }: PayloadStatus): string {
  return complete || etaSeconds === undefined ? '' : formatDuration(etaSeconds);
}
