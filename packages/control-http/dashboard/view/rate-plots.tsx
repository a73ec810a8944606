import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { formatRate, formatTime } from '../model/formats.ts';
import type { RateSeries } from '../model/rate-series.ts';
import { usePage } from '../page.ts';
import { RatePlot } from './rate-plot.tsx';

const SPANS = [
  [5, '5 min'],
  [15, '15 min'],
  [60, '1 h'],
] as const;

/** Two plots over the same time: what passes within the site, and what passes over the line. */
export function RatePlots(): VNode {
  const { rates } = usePage();
  const [minutes, setMinutes] = useState<number>(15);
  const series = rates.value;
  return (
    <section class="plots" aria-label="Rates over time">
      <Plot
        title="LAN"
        kind="lan"
        series={series}
        down={series.lanDown}
        up={series.lanUp}
        minutes={minutes}
      />
      <Plot
        title="Line"
        kind="line"
        series={series}
        down={series.lineDown}
        up={series.lineUp}
        minutes={minutes}
      >
        <fieldset class="spans">
          <legend class="unseen">Time shown</legend>
          {SPANS.map(([value, label]) => (
            <label key={value}>
              <input
                type="radio"
                class="unseen"
                name="span"
                checked={minutes === value}
                onChange={() => setMinutes(value)}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      </Plot>
    </section>
  );
}

function Plot(props: {
  readonly title: string;
  readonly kind: 'lan' | 'line';
  readonly series: RateSeries;
  readonly down: RateSeries['lanDown'];
  readonly up: RateSeries['lanDown'];
  readonly minutes: number;
  readonly children?: VNode;
}): VNode {
  const { title, kind, series, down, up, minutes, children } = props;
  const [pointed, point] = useState<number | undefined>(undefined);
  const at = pointed ?? series.atMs.length - 1;
  const [downThen, upThen] = [rateWords(down[at]), rateWords(up[at])];
  return (
    <figure class="card plot">
      <figcaption>
        <h2>{title}</h2>
        <span class={`key key-${kind}`}>receiving {downThen}</span>
        <span class={`key key-dashed key-${kind}-up`}>sending {upThen}</span>
        {pointed !== undefined && <span class="faint">at {formatTime(series.atMs[at] ?? 0)}</span>}
        {children}
      </figcaption>
      <RatePlot
        kind={kind}
        label={`${title}: receiving ${downThen}, sending ${upThen}`}
        atMs={series.atMs}
        down={down}
        up={up}
        minutes={minutes}
        point={point}
      />
    </figure>
  );
}

/** Null where nobody knows; undefined before anything is known. */
function rateWords(bytesPerSecond: number | null | undefined): string {
  return bytesPerSecond === null ? 'not known' : formatRate(bytesPerSecond ?? 0);
}
