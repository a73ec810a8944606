#!/usr/bin/env node
import { statSync } from 'node:fs';

const PROJECTS = [
  'wire/dist',
  'piece-store/dist',
  'piece-store/dist/node',
  'swarm/dist',
  'swarm/dist/node',
  'agent/dist',
];

// The bundle starts in half the time. Where something was compiled since it was made (in a checkout only) it is stale.
const bundledAt = changedAt('agent/bundle/main.js');
const isStale = PROJECTS.some((project) => changedAt(`${project}/.tsbuildinfo`) > bundledAt);
await import(isStale ? '../dist/main.js' : '../bundle/main.js');

/** Milliseconds since 1970; 0 for what is not there. */
function changedAt(file) {
  return statSync(new URL(`../../${file}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
