import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { formatBytes } from '../model/formats.ts';
import type { OrderForm } from '../model/order-form.ts';
import { described, Fault } from './field.tsx';
import { CloseIcon } from './icons.tsx';

/** As much as the API takes in an order, before base64. */
const FILE_BYTES_MAX: number = 11 * 1024 * 1024;

/** What a payload is: a `.torrent` file, chosen or dropped, or a magnet link or info-hash. */
export function TorrentPicker(props: {
  readonly form: OrderForm;
  readonly change: (part: Partial<OrderForm>) => void;
  readonly fault: string | undefined;
}): VNode {
  const { form, change } = props;
  const [isOver, setOver] = useState(false);
  const [fileFault, setFileFault] = useState<string | undefined>(undefined);
  const fault = fileFault ?? props.fault;
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    if (file.size > FILE_BYTES_MAX)
      return setFileFault(
        `${file.name} has ${formatBytes(file.size)}; the agent takes ${formatBytes(FILE_BYTES_MAX)}. Order it with torrentFile instead.`,
      );
    setFileFault(undefined);
    change({ file: { name: file.name, base64: base64Of(new Uint8Array(await file.arrayBuffer())) } });
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer?.files[0]);
  };
  return (
    <div
      class={isOver ? 'picker picker-over' : 'picker'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {form.file === undefined ? (
        <>
          <label class="button file-button">
            Choose a .torrent file
            <input
              type="file"
              class="unseen"
              accept=".torrent,application/x-bittorrent"
              onChange={(event) => void take(event.currentTarget.files?.[0])}
            />
          </label>
          <span class="faint"> or drop one here, or paste a link:</span>
          <div class="field">
            <label for="link">Magnet link or info-hash</label>
            <input
              id="link"
              value={form.link}
              autocomplete="off"
              spellcheck={false}
              {...described('link', fault)}
              onInput={(event) => change({ link: event.currentTarget.value })}
            />
            <p class="hint" id="link-hint">
              With either, the description comes from peers: name some below, unless trackers or the LAN have
              them.
            </p>
          </div>
        </>
      ) : (
        <p class="picked">
          <strong>{form.file.name}</strong>
          <button type="button" class="button quiet square" onClick={() => change({ file: undefined })}>
            <CloseIcon />
            <span class="unseen">Take another file than {form.file.name}</span>
          </button>
        </p>
      )}
      <Fault id="link" fault={fault} />
    </div>
  );
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  // In parts: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCodePoint(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
