import type { PayloadDetails } from '@brine/control-http/client';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { CheckIcon, PauseIcon, PlayIcon, TrashIcon } from './icons.tsx';
import { useOrder } from './orders.ts';
import { RemoveDialog } from './remove-dialog.tsx';

/** What one can have done with a payload. */
export function PayloadActions({ payload }: { readonly payload: PayloadDetails }): VNode {
  const { isBusy, give } = useOrder();
  const [removing, setRemoving] = useState(false);
  const { name, phase } = payload;
  const canVerify =
    phase === 'downloading' || phase === 'seeding' || phase === 'paused' || phase === 'waiting';
  return (
    <div class="actions">
      {phase === 'paused' || phase === 'failed' || phase === 'waiting' ? (
        <button
          type="button"
          class="button primary"
          disabled={isBusy}
          onClick={() => void give((agent) => agent.resume(name), `${name} goes on.`)}
        >
          <PlayIcon /> {phase === 'paused' ? 'Resume' : 'Try again'}
        </button>
      ) : (
        <button
          type="button"
          class="button"
          disabled={isBusy}
          onClick={() => void give((agent) => agent.pause(name), `${name} is paused.`)}
        >
          <PauseIcon /> Pause
        </button>
      )}
      <button
        type="button"
        class="button"
        disabled={isBusy || !canVerify}
        title={canVerify ? 'Hash everything on disk again' : 'Possible when its files are open'}
        onClick={() => void give((agent) => agent.verify(name), `${name} is being checked.`)}
      >
        <CheckIcon /> Verify
      </button>
      <button type="button" class="button danger" disabled={isBusy} onClick={() => setRemoving(true)}>
        <TrashIcon /> Remove…
      </button>
      {removing && <RemoveDialog payload={payload} close={() => setRemoving(false)} />}
    </div>
  );
}
