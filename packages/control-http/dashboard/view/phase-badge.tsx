import type { PayloadStatus } from '@brine/control-http/client';
import type { VNode } from 'preact';

import { PHASES } from '../model/phases.ts';

/** The phase in a word, with a colour for those who see it. */
export function PhaseBadge({ status }: { readonly status: Pick<PayloadStatus, 'phase'> }): VNode {
  const { label, tone, meaning } = PHASES[status.phase];
  return (
    <span class={`badge tone-${tone}`} title={meaning}>
      <span class="dot" aria-hidden="true" />
      {label}
    </span>
  );
}
