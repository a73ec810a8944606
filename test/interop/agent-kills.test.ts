import { test } from 'vitest';

import { KilledAgent, LIFE_MS } from './killed-agent.ts';
import { describeInterop } from './requirements.ts';

/** Kills in all; `BRINE_AGENT_KILLS=100` for the full run. */
const KILLS = Number(process.env['BRINE_AGENT_KILLS'] ?? 6);
/** Repeats a run, as far as the machine's own timing lets it. */
const SEED = Number(process.env['BRINE_SEED'] ?? Date.now() % 1_000_000);
const STREAMS = KILLS > 20 ? 2 : 1;
const KILLS_PER_STREAM = Math.ceil(KILLS / STREAMS);

describeInterop('the agent, killed with -9', () => {
  for (let stream = 1; stream <= STREAMS; stream += 1)
    test.concurrent(
      `keeps what it was ordered and what it has verified, over ${KILLS_PER_STREAM} kills (${stream}; BRINE_SEED=${SEED})`,
      async () => {
        await using run = await KilledAgent.prepare(SEED, stream);
        for (let kill = 1; kill <= KILLS_PER_STREAM; kill += 1) await run.live(kill);
        await run.complete(KILLS_PER_STREAM);
      },
      90_000 + KILLS_PER_STREAM * (LIFE_MS + 4_000),
    );
});
