import { SingleBar } from 'cli-progress';

import type { Output } from './output.ts';
import { tellSentence } from './plain-lines.ts';
import type { Progress, Report, Reporter } from './report.ts';
import { phaseWord, progressDetails, shownPercent } from './sentences.ts';

/** For a person at a terminal: one line that redraws itself at the bottom; everything else scrolls by above it. */
export class ProgressBar implements Reporter {
  readonly intervalMs = 250;
  readonly #stream: NodeJS.WriteStream;
  readonly #output: Output;
  #bar: SingleBar | undefined;

  constructor(stream: NodeJS.WriteStream, output: Output) {
    this.#stream = stream;
    this.#output = output;
  }

  tell(report: Report): void {
    if (report.event === 'progress') {
      this.#draw(report);
    } else {
      this.#erase();
      tellSentence(report, this.#output);
    }
  }

  close(): void {
    this.#erase();
  }

  #draw(progress: Progress): void {
    if (this.#bar !== undefined) {
      this.#bar.update(shownPercent(progress), { progress });
      return;
    }
    this.#bar = new SingleBar({
      stream: this.#stream,
      format: (_options, _params, payload: { progress: Progress }) =>
        barLine(payload.progress, this.#stream.columns),
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      fps: 8,
    });
    this.#bar.start(100, shownPercent(progress), { progress });
  }

  /** Takes the bar off the screen; the next progress draws it again below what was written meanwhile. */
  #erase(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/** `Downloading [████████        ] 52.0 %  …`, never wider than the terminal: a wrapped line cannot be redrawn. */
export function barLine(progress: Progress, columns: number): string {
  const head = phaseWord(progress.phase);
  const tail = progressDetails(progress);
  const room = columns - head.length - tail.length - 5;
  if (progress.bytesTotal === 0 || room < BAR_WIDTH_STEP) return `${head}  ${tail}`.slice(0, columns - 1);
  // In steps, so that the bar does not tremble with every digit that comes and goes.
  const width = Math.min(room - (room % BAR_WIDTH_STEP), BAR_WIDTH_MAX);
  const filled = Math.floor((shownPercent(progress) / 100) * width);
  return `${head} [${'█'.repeat(filled)}${'░'.repeat(width - filled)}] ${tail}`;
}

const BAR_WIDTH_STEP = 5;
const BAR_WIDTH_MAX = 40;
