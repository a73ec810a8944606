import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';

import type { Notice } from '../model/state.ts';
import { usePage } from '../page.ts';
import { AlertIcon, CheckIcon, CloseIcon } from './icons.tsx';

const NEWS_MS = 6_000;

/** What just happened, at the edge of the page; read aloud too. Good news go away by themselves. */
export function Notices(): VNode {
  const { notices } = usePage();
  return (
    <div class="notices" role="log" aria-label="Notices" aria-live="polite">
      {notices.value.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { readonly notice: Notice }): VNode {
  const { dispatch } = usePage();
  const { id, kind, text } = notice;
  const read = (): void => dispatch({ type: 'notice-read', id });
  useEffect(() => {
    if (kind === 'bad') return;
    const timer = setTimeout(read, NEWS_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return (
    <div class={`notice notice-${kind}`}>
      {kind === 'bad' ? <AlertIcon /> : <CheckIcon />}
      <p>{text}</p>
      <button type="button" class="button quiet square" onClick={read}>
        <CloseIcon />
        <span class="unseen">Close this notice</span>
      </button>
    </div>
  );
}
