import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { usePage } from '../page.ts';
import { AlertIcon, Mark } from './icons.tsx';

/** Asks for the token: says where it is, and what was wrong with the last one. */
export function TokenView({
  why,
  detail,
}: {
  readonly why: 'missing' | 'wrong';
  readonly detail: string;
}): VNode {
  const { agent } = usePage();
  const [token, setToken] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = 'Token needed · Brine';
    field.current?.focus();
  }, []);
  const enter = (event: Event): void => {
    event.preventDefault();
    if (token.trim() !== '') agent.start(token.trim());
  };
  return (
    <main class="token">
      <form class="card token-card" onSubmit={enter}>
        <Mark />
        <h1>This agent needs its token</h1>
        {why === 'wrong' && (
          <p class="fault" role="alert" id="token-fault">
            <AlertIcon /> {detail}
          </p>
        )}
        <p>
          Run <code>brine dashboard</code> on the machine: it prints an address that holds the token. Or paste
          the content of the file <code>token</code> in the agent’s state directory, such as{' '}
          <code>/var/lib/brine/token</code>.
        </p>
        <label for="token">Token</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={token}
          aria-invalid={why === 'wrong'}
          aria-describedby={why === 'wrong' ? 'token-fault' : undefined}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit" class="button primary">
          Open
        </button>
        <p class="faint small">It is kept in this tab only and forgotten when you close it.</p>
      </form>
    </main>
  );
}
