import { JsonLines } from './json-lines.ts';
import { processOutput } from './output.ts';
import { PlainLines } from './plain-lines.ts';
import type { Reporter } from './report.ts';

/** The presenter that suits where stdout goes. The bar's library is loaded only when there is a terminal. */
export async function openReporter(options: { readonly json?: boolean }): Promise<Reporter> {
  if (options.json === true) return new JsonLines(processOutput);
  if (process.stdout.isTTY && process.env['TERM'] !== 'dumb') {
    const { ProgressBar } = await import('./progress-bar.ts');
    return new ProgressBar(process.stdout, processOutput);
  }
  return new PlainLines(processOutput, () => performance.now());
}
