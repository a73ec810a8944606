import type { PayloadPhase } from '@brine/control-http/client';

/** What a phase is called, and what kind of news it is: quiet, at work, good, or bad. */
interface Phase {
  readonly label: string;
  readonly tone: 'quiet' | 'busy' | 'good' | 'bad';
  /** Told when somebody wants to know more. */
  readonly meaning: string;
}

export const PHASES: Readonly<Record<PayloadPhase, Phase>> = {
  resolving: {
    label: 'Resolving',
    tone: 'busy',
    meaning: 'Asks peers for the description of the payload; nothing but its info-hash is known yet.',
  },
  opening: { label: 'Opening', tone: 'busy', meaning: 'Looks at what is on disk.' },
  checking: { label: 'Checking', tone: 'busy', meaning: 'Hashes what is on disk.' },
  downloading: { label: 'Downloading', tone: 'busy', meaning: 'Fetches pieces from peers.' },
  seeding: { label: 'Complete', tone: 'good', meaning: 'Verified, in its place, and served to others.' },
  waiting: {
    label: 'Waiting',
    tone: 'bad',
    meaning: 'The disk refused; it is tried again by itself.',
  },
  paused: { label: 'Paused', tone: 'quiet', meaning: 'Off the network by order.' },
  failed: { label: 'Failed', tone: 'bad', meaning: 'Somebody has to do something.' },
};
