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
/** What a payload's map may take of the page; with more pieces, each square stands for several. */
const ROWS_MAX = 26;

/** The payload's pieces as squares: full when verified. */
export function PieceMap({ pieces }: { readonly pieces: PayloadDetails['pieces'] }): VNode | null {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { map, count, verified, bytes } = pieces;
  const isKnown = map !== undefined && count > 0;
  const width = useWidth(canvas, isKnown);
  const theme = useThemeTurns();
  const columns = Math.max(1, Math.floor((width + GAP) / STEP));
  const cells = isKnown ? pieceCells(map, count, columns * ROWS_MAX) : undefined;
  useEffect(() => {
    if (canvas.current !== null && cells !== undefined && width > 0) draw(canvas.current, cells, columns);
  }, [map, width, theme]);
  if (cells === undefined) return null;
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
      <canvas
        ref={canvas}
        class="pieces"
        role="img"
        aria-label={`${verified} of ${count} pieces are verified`}
      />
    </section>
  );
}

function draw(canvas: HTMLCanvasElement, { verified }: PieceCells, columns: number): void {
  const width = columns * STEP - GAP;
  const height = Math.ceil(verified.length / columns) * STEP - GAP;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.width = `${width}px`;
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

/** Of what stands above the canvas, which has the width of the box and does not follow the canvas. */
function useWidth(canvas: { readonly current: HTMLElement | null }, isThere: boolean): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const head = canvas.current?.previousElementSibling;
    if (head === null || head === undefined) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(head);
    return () => observer.disconnect();
  }, [isThere]);
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
