import type { PayloadDetails } from '@brine/control-http/client';
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';

import { formatBytes, formatDay } from '../model/formats.ts';
import { describeRate } from '../model/limit-words.ts';
import { savingsOf } from '../model/savings.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';
import { PayloadLimitsDialog } from './payload-limits-dialog.tsx';

/** What there is to know about a payload and changes seldom. */
export function PayloadFacts({ payload }: { readonly payload: PayloadDetails }): VNode {
  const [editing, setEditing] = useState(false);
  const { path, infohash, mode, orderedAt, limits, traffic } = payload;
  const { lanBytes, lineBytes, givenBytes } = savingsOf(traffic);
  const sentElsewhere = traffic.near.uploadedBytes + traffic.wan.uploadedBytes;
  return (
    <section class="card" aria-labelledby="facts-heading">
      <h2 id="facts-heading">About it</h2>
      <dl class="facts">
        <Fact name="Place">
          <code class="path">{path}</code> <CopyButton text={path} what="the place" />
        </Fact>
        <Fact name="Info-hash">
          <code class="path">{infohash}</code> <CopyButton text={infohash} what="the info-hash" />
        </Fact>
        <Fact name="Order">
          {MODES[mode]} Since {formatDay(orderedAt)}.
        </Fact>
        <Fact name="Received">
          <span class="key key-lan">{formatBytes(lanBytes)} from the LAN</span>{' '}
          <span class="key key-line">{formatBytes(lineBytes)} over the line</span>
        </Fact>
        <Fact name="Sent">
          <span class="key key-lan">{formatBytes(givenBytes)} to the LAN</span>{' '}
          <span class="key key-line">{formatBytes(sentElsewhere)} over the line</span>
        </Fact>
        <Fact name="Limits">
          Receiving {describeRate(limits.downBytesPerSecond)}; sending {describeRate(limits.upBytesPerSecond)}{' '}
          <button type="button" class="button small" onClick={() => setEditing(true)}>
            Change<span class="unseen"> the limits of this payload</span>
          </button>
        </Fact>
      </dl>
      {editing && <PayloadLimitsDialog payload={payload} close={() => setEditing(false)} />}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): VNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function CopyButton({ text, what }: { readonly text: string; readonly what: string }): VNode | null {
  const [copied, setCopied] = useState(false);
  // Browsers have it on safe origins only; the text can be marked all the same.
  if (!isSecureContext) return null;
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <button type="button" class="button quiet square small" onClick={copy} title={`Copy ${what}`}>
      {copied ? <CheckIcon /> : <CopyIcon />}
      <span class="unseen">{copied ? `Copied ${what}` : `Copy ${what}`}</span>
    </button>
  );
}

const MODES: Readonly<Record<PayloadDetails['mode'], string>> = {
  download: 'Fetched and kept.',
  adopt: 'What stood there is completed and kept.',
  seed: 'Served from where it stands, never written.',
};
