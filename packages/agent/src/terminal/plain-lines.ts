import type { Output } from './output.ts';
import type { Progress, Report, Reporter } from './report.ts';
import { phaseWord, progressDetails, sentenceOf, shownPercent } from './sentences.ts';

/**
 * For pipes and log files: no control characters, and few lines. Progress is told at once when the phase changes; otherwise at
 * most every two seconds, and then only after five percent more or ten seconds.
 */
export class PlainLines implements Reporter {
  readonly intervalMs = 500;
  readonly #output: Output;
  readonly #nowMs: () => number;
  #last: { readonly progress: Progress; readonly atMs: number } | undefined;

  constructor(output: Output, nowMs: () => number) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  tell(report: Report): void {
    if (report.event === 'progress') {
      if (this.#worthALine(report)) this.#progress(report);
    } else {
      tellSentence(report, this.#output);
    }
  }

  close(): void {}

  #worthALine(progress: Progress): boolean {
    // Over before it can be read.
    if (progress.phase === 'opening') return false;
    const last = this.#last;
    if (last === undefined || last.progress.phase !== progress.phase) return true;
    const sinceMs = this.#nowMs() - last.atMs;
    const moved = shownPercent(progress) - shownPercent(last.progress);
    return sinceMs >= LINE_INTERVAL_MS && (moved >= PERCENT_STEP || sinceMs >= QUIET_MAX_MS);
  }

  #progress(progress: Progress): void {
    this.#last = { progress, atMs: this.#nowMs() };
    this.#output.line(`${phaseWord(progress.phase)}  ${progressDetails(progress)}`.trimEnd());
  }
}

/** Writes everything but progress: troubles to stderr, the rest to stdout. */
export function tellSentence(report: Exclude<Report, Progress>, output: Output): void {
  const text = printable(sentenceOf(report));
  if (report.event === 'warning' || report.event === 'error') output.trouble(text);
  else output.line(text);
}

/** The text without control characters other than line feeds: names of files and messages of trackers come from strangers. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '\uFFFD');
}

const LINE_INTERVAL_MS = 2000;
const PERCENT_STEP = 5;
const QUIET_MAX_MS = 10_000;
