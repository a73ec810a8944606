import type { PayloadDetails } from '@brine/control-http/client';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { formatBinary, formatCount } from '../model/formats.ts';
import { pieceCells } from '../model/piece-cells.ts';
import type { PieceCells } from '../model/piece-cells.ts';
import { onThemeChange } from './theme.ts';

const CELL = 9;
const GAP = 2;
const STEP: number = CELL + GAP;
/** So many squares are drawn in a blink, and can still be told apart. */
const CELLS_MAX = 3_000;

/** The payload's pieces as squares: full when verified. */
export function PieceMap({ pieces }: { readonly pieces: PayloadDetails['pieces'] }): VNode | null {
  const { map, count, verified, bytes } = pieces;
  if (map === undefined || count === 0) return null;
  const cells = pieceCells(map, count, CELLS_MAX);
  const square = cells.piecesPerCell === 1 ? 'a piece' : formatCount(cells.piecesPerCell, 'piece');
  return (
    <section class="card" aria-labelledby="pieces-heading">
      <div class="section-head">
        <h2 id="pieces-heading">Pieces</h2>
        <span class="faint">
          {verified.toLocaleString('en')} of {formatCount(count, 'piece')} verified · each square is {square}{' '}
          of {formatBinary(bytes)}
        </span>
      </div>
      <PieceCanvas cells={cells} map={map} label={`${verified} of ${count} pieces are verified`} />
    </section>
  );
}

function PieceCanvas(props: {
  readonly cells: PieceCells;
  readonly map: string;
  readonly label: string;
}): VNode {
  const { cells, map, label } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  const theme = useThemeTurns();
  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, cells, width);
  }, [map, width, theme]);
  return <canvas ref={canvas} class="pieces" role="img" aria-label={label} />;
}

function draw(canvas: HTMLCanvasElement, { verified }: PieceCells, width: number): void {
  const columns = Math.max(1, Math.floor((width + GAP) / STEP));
  const height = Math.ceil(verified.length / columns) * STEP - GAP;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext('2d')!;
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const [empty, full] = [style.getPropertyValue('--hair'), style.getPropertyValue('--accent-fill')];
  for (const [at, share] of verified.entries()) {
    const [x, y] = [(at % columns) * STEP, Math.floor(at / columns) * STEP];
    pen.globalAlpha = 1;
    pen.fillStyle = empty;
    pen.fillRect(x, y, CELL, CELL);
    if (share === 0) continue;
    // A square that is partly verified is paler, but never as pale as an empty one.
    pen.globalAlpha = share === 1 ? 1 : 0.25 + 0.5 * share;
    pen.fillStyle = full;
    pen.fillRect(x, y, CELL, CELL);
  }
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    if (element.current !== null) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Counts changes of colours, which a canvas does not follow by itself. */
function useThemeTurns(): number {
  const [turns, setTurns] = useState(0);
  useEffect(() => {
    return onThemeChange(() => setTurns((before) => before + 1));
  }, []);
  return turns;
}
