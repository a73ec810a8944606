import type { Output } from './output.ts';
import type { Report, Reporter } from './report.ts';

/** For programs: every report is one line of JSON on stdout. Absent values are absent keys. Troubles stand on stderr as well. */
export class JsonLines implements Reporter {
  readonly intervalMs = 1000;
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  tell(report: Report): void {
    this.#output.line(JSON.stringify(report));
    if (report.event === 'error' || report.event === 'warning') this.#output.trouble(report.message);
  }

  close(): void {}
}
