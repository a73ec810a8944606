import { useState } from 'preact/hooks';

import type { AgentLink, Outcome } from '../link/agent-link.ts';
import { usePage } from '../page.ts';

/** Gives an order, tells how it ended, and says meanwhile that it is under way. */
export function useOrder(): {
  readonly isBusy: boolean;
  readonly give: (order: (agent: AgentLink) => Promise<Outcome>, done: string) => Promise<boolean>;
} {
  const { agent, dispatch } = usePage();
  const [isBusy, setBusy] = useState(false);
  const give = async (order: (agent: AgentLink) => Promise<Outcome>, done: string): Promise<boolean> => {
    setBusy(true);
    const outcome = await order(agent);
    setBusy(false);
    dispatch({
      type: 'notice',
      text: outcome.ok ? done : outcome.detail,
      kind: outcome.ok ? 'news' : 'bad',
    });
    return outcome.ok;
  };
  return { isBusy, give };
}
