import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';

import { formatRate } from '../model/formats.ts';
import type { RateSeries } from '../model/rate-series.ts';
import { onThemeChange } from './theme.ts';

interface RatePlotProps {
  readonly kind: 'lan' | 'line';
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly atMs: RateSeries['atMs'];
  readonly down: RateSeries['lanDown'];
  readonly up: RateSeries['lanDown'];
  readonly minutes: number;
  /** Which sample is pointed at; undefined: none. */
  readonly point: (at: number | undefined) => void;
}

const HEIGHT = 132;
/** An axis that ends at a few bytes would make noise look like traffic. */
const TOP_MIN = 10_000;

/** Two rates over time. */
export function RatePlot({ kind, label, atMs, down, up, minutes, point }: RatePlotProps): VNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const span = useRef(minutes);
  span.current = minutes;
  useEffect(() => {
    const made = makePlot(place.current!, kind, span, point);
    plot.current = made;
    const stop = redrawWhenLooksChange(made, place.current!);
    return () => {
      stop();
      made.destroy();
    };
  }, [kind]);
  useEffect(() => {
    plot.current?.setData([atMs.map((at) => at / 1_000), [...down], [...up]]);
  }, [atMs, down, up, minutes]);
  return <div class="plot-area" ref={place} role="img" aria-label={label} />;
}

function makePlot(
  place: HTMLElement,
  kind: RatePlotProps['kind'],
  span: { readonly current: number },
  point: RatePlotProps['point'],
): UPlot {
  const ink = (name: string) => (): string => getComputedStyle(place).getPropertyValue(name);
  const axis = { stroke: ink('--faint'), font: '11px system-ui, sans-serif', ticks: { show: false } };
  const grid = { stroke: ink('--hair'), width: 1 };
  return new UPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'rates' }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        // The newest sample stands at the right edge. An agent that is young fills the plot with what there is, from a minute on.
        x: {
          range: (_self, first, last) => [
            Math.max(last - span.current * 60, Math.min(first, last - 60)),
            last,
          ],
        },
        y: { range: (_self, _low, high) => [0, Math.max(TOP_MIN, high * 1.1)] },
      },
      series: [
        {},
        { stroke: ink(`--${kind}`), fill: ink(`--${kind}-wash`), width: 2, points: { show: false } },
        { stroke: ink(`--${kind}-up`), width: 1.5, dash: [5, 4], points: { show: false } },
      ],
      axes: [
        {
          ...axis,
          grid: { show: false },
          values: (_self, times) => times.map(shortTime),
          space: 70,
          size: 24,
        },
        { ...axis, grid, values: (_self, rates) => rates.map(shortRate), space: 34, size: 68 },
      ],
      hooks: { setCursor: [({ cursor: { idx } }) => point(idx ?? undefined)] },
    },
    [[], [], []],
    place,
  );
}

function redrawWhenLooksChange(plot: UPlot, place: HTMLElement): () => void {
  const resized = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
  resized.observe(place);
  const stop = onThemeChange(() => plot.redraw(false));
  return () => {
    resized.disconnect();
    stop();
  };
}

function shortTime(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function shortRate(bytesPerSecond: number): string {
  return bytesPerSecond === 0 ? '0' : formatRate(bytesPerSecond).replace(/\.0+ |(\.\d*[1-9])0+ /, '$1 ');
}
