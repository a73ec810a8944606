import type { VNode } from 'preact';

import { formatTime } from '../model/formats.ts';
import { hashOf } from '../model/route.ts';
import { usePage } from '../page.ts';

/** What happened while the page was open; what was missed in between is told again by the agent. */
export function ActivityView(): VNode {
  const { happenings } = usePage();
  return (
    <section class="card">
      <h1 tabIndex={-1}>Activity</h1>
      <p class="faint">What happened since this page was opened, the latest first.</p>
      {happenings.value.length === 0 ? (
        <p class="empty">Nothing yet.</p>
      ) : (
        <ol class="happenings">
          {happenings.value.map(({ id, atMs, name, text, kind }) => (
            <li key={id} class={`happening happening-${kind}`}>
              <time dateTime={new Date(atMs).toISOString()}>{formatTime(atMs)}</time>
              <span>
                {name !== undefined && <a href={hashOf({ view: 'payload', name })}>{name}</a>} {text}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
