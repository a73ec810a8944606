import type { VNode } from 'preact';

import { formatTime } from '../model/formats.ts';
import { usePage } from '../page.ts';
import { AlertIcon } from './icons.tsx';

/** Says that what is shown is old, since when, and that nothing needs to be done. */
export function LinkBanner(): VNode | null {
  const { link } = usePage();
  if (link.value.kind !== 'away') return null;
  const { stopping, sinceMs, detail } = link.value;
  return (
    <div class="banner" role="alert">
      <AlertIcon />
      <div>
        <strong>
          {stopping ? 'The agent is stopping or starting again.' : 'The agent does not answer.'}
        </strong>{' '}
        What you see is as it was at {formatTime(sinceMs)}. This page comes back by itself as soon as the
        agent does.
        {!stopping && <span class="faint banner-detail"> {detail}</span>}
      </div>
    </div>
  );
}
