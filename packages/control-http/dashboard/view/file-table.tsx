import type { PayloadDetails } from '@brine/control-http/client';
import type { VNode } from 'preact';

import { formatBytes, formatCount, formatPercent } from '../model/formats.ts';

/** The payload's files; folded away when there are many. */
export function FileTable({ payload }: { readonly payload: PayloadDetails }): VNode | null {
  const { files, fileCount } = payload;
  if (fileCount === 0) return null;
  return (
    <section class="card">
      <details open={fileCount <= OPEN_MAX}>
        <summary>
          <h2>Files</h2> <span class="faint">{formatCount(fileCount, 'file')}</span>
        </summary>
        <div class="scroll" tabIndex={0} role="region" aria-label="Files">
          <table>
            <thead>
              <tr>
                <th scope="col">Path</th>
                <th scope="col" class="number">
                  Verified
                </th>
                <th scope="col" class="number">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {files.map(({ path, bytes, bytesDone }) => (
                <tr key={path}>
                  <td class="wrap">{path}</td>
                  <td class="number">{formatPercent(bytes === 0 ? 100 : (100 * bytesDone) / bytes)}</td>
                  <td class="number">{formatBytes(bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {files.length < fileCount && (
          <p class="faint">
            The first {files.length.toLocaleString('en')} of {fileCount.toLocaleString('en')}.
          </p>
        )}
      </details>
    </section>
  );
}

const OPEN_MAX = 12;
