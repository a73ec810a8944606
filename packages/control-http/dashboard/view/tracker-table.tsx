import type { PayloadDetails } from '@brine/control-http/client';
import type { VNode } from 'preact';

import { formatDuration } from '../model/formats.ts';

/** Whom the payload's peers are asked from, and what they answered. */
export function TrackerTable({ trackers }: { readonly trackers: PayloadDetails['trackers'] }): VNode | null {
  if (trackers.length === 0) return null;
  return (
    <section class="card" aria-labelledby="trackers-heading">
      <h2 id="trackers-heading">Trackers</h2>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="trackers-heading">
        <table>
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Next
              </th>
            </tr>
          </thead>
          <tbody>
            {trackers.map(({ url, status, error, nextAnnounceSeconds }) => (
              <tr key={url}>
                <td class="wrap">{url}</td>
                <td>
                  {status}
                  {error !== undefined && <span class="fault-text"> {error.message}</span>}
                </td>
                <td class="number">
                  {nextAnnounceSeconds === undefined ? '' : `in ${formatDuration(nextAnnounceSeconds)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
