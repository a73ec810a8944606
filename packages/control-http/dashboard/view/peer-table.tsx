import type { PeerView } from '@brine/control-http/client';
import { Fragment } from 'preact';
import type { VNode } from 'preact';

import { formatBytes, formatCount, formatPercent, formatRate } from '../model/formats.ts';
import type { PeerGroup } from '../model/peer-groups.ts';
import { groupPeers } from '../model/peer-groups.ts';

const CLASS_NAMES: Readonly<Record<PeerView['class'], string>> = {
  site: 'Own site',
  near: 'Near site',
  wan: 'Over the line',
};

/** The payload's peers by site: the own one first. */
export function PeerTable({ peers }: { readonly peers: readonly PeerView[] }): VNode {
  return (
    <section class="card" aria-labelledby="peers-heading">
      <div class="section-head">
        <h2 id="peers-heading">Peers</h2>
        <span class="faint">{formatCount(peers.length, 'connection')}</span>
      </div>
      {peers.length === 0 ? (
        <p class="empty">Nobody is connected.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-labelledby="peers-heading">
          <table>
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col">Client</th>
                <th scope="col" class="number">
                  Has
                </th>
                <th scope="col" class="number">
                  Receiving
                </th>
                <th scope="col" class="number">
                  Sending
                </th>
                <th scope="col" class="number">
                  Received
                </th>
                <th scope="col" class="number">
                  Sent
                </th>
              </tr>
            </thead>
            {groupPeers(peers).map((group) => (
              <Group key={`${group.class} ${group.site}`} group={group} />
            ))}
          </table>
        </div>
      )}
    </section>
  );
}

function Group({ group }: { readonly group: PeerGroup }): VNode {
  return (
    <tbody>
      <tr class="group">
        <th scope="rowgroup" colSpan={3}>
          <span class={`key key-${group.class === 'site' ? 'lan' : 'line'}`}>{CLASS_NAMES[group.class]}</span>
          <span class="faint">
            {group.site === undefined ? '' : ` ${group.site}`} · {formatCount(group.peers.length, 'peer')}
          </span>
        </th>
        <Numbers {...group} />
      </tr>
      {group.peers.map((peer) => (
        <tr key={peer.address}>
          <td>
            <code>{peer.address}</code>
          </td>
          <td>{peer.client}</td>
          <td class="number">{formatPercent(peer.percent)}</td>
          <Numbers {...peer} />
        </tr>
      ))}
    </tbody>
  );
}

function Numbers(
  props: Pick<PeerGroup, 'downBytesPerSecond' | 'upBytesPerSecond' | 'downloadedBytes' | 'uploadedBytes'>,
): VNode {
  const { downBytesPerSecond, upBytesPerSecond, downloadedBytes, uploadedBytes } = props;
  return (
    <Fragment>
      <td class="number">{downBytesPerSecond === 0 ? '' : formatRate(downBytesPerSecond)}</td>
      <td class="number">{upBytesPerSecond === 0 ? '' : formatRate(upBytesPerSecond)}</td>
      <td class="number">{downloadedBytes === 0 ? '' : formatBytes(downloadedBytes)}</td>
      <td class="number">{uploadedBytes === 0 ? '' : formatBytes(uploadedBytes)}</td>
    </Fragment>
  );
}
