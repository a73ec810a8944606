import type { PayloadDetails } from '@brine/control-http/client';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { formatBytes, formatCount } from '../model/formats.ts';
import { usePage } from '../page.ts';
import { Dialog } from './dialog.tsx';
import { useOrder } from './orders.ts';

/** Asks before something is removed, and says what will be deleted. */
export function RemoveDialog(props: { readonly payload: PayloadDetails; readonly close: () => void }): VNode {
  const { payload, close } = props;
  const { name, path, mode, complete, bytesDone } = payload;
  const { isBusy, give } = useOrder();
  const { go } = usePage();
  const [keepData, setKeepData] = useState(false);
  const deletes = mode !== 'seed' && !keepData && bytesDone > 0;
  const remove = async (event: Event): Promise<void> => {
    event.preventDefault();
    const done = await give((agent) => agent.remove(name, { keepData }), `${name} is removed.`);
    if (done) go({ view: 'payloads' });
    else close();
  };
  return (
    <Dialog title={`Remove “${name}”?`} close={close}>
      <form onSubmit={(event) => void remove(event)}>
        {mode === 'seed' ? (
          <p>
            This machine stops serving it. <strong>Nothing is deleted</strong>: it was served from where it
            stands, at <code class="path">{path}</code>.
          </p>
        ) : (
          <fieldset class="choices">
            <legend class="unseen">What becomes of the data</legend>
            <label>
              <input type="radio" name="data" checked={!keepData} onChange={() => setKeepData(false)} />
              <span>
                <strong>Delete the data.</strong> {whatGoes(payload)}
              </span>
            </label>
            <label class={complete ? '' : 'unavailable'}>
              <input
                type="radio"
                name="data"
                checked={keepData}
                disabled={!complete}
                onChange={() => setKeepData(true)}
              />
              <span>
                <strong>Keep the data.</strong>{' '}
                {complete
                  ? 'It stays where it is; the agent does not look after it any more.'
                  : 'Only what is complete can be kept.'}
              </span>
            </label>
          </fieldset>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button danger-solid" disabled={isBusy}>
            {deletes ? `Remove and delete ${formatBytes(bytesDone)}` : 'Remove'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function whatGoes({ mode, bytesDone, fileCount, path }: PayloadDetails): VNode {
  if (bytesDone === 0) return <>There is none yet.</>;
  return (
    <>
      {formatBytes(bytesDone)} in {formatCount(fileCount, 'file')} at <code class="path">{path}</code>, as far
      as the agent created them
      {mode === 'adopt' ? '; files that were there before stay' : ''}. What others put there stays. It cannot
      be undone.
    </>
  );
}
