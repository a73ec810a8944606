#!/usr/bin/env node
const { statSync } = require('node:fs');
const path = require('node:path');

const PROJECTS = [
  'wire/dist',
  'piece-store/dist',
  'piece-store/dist/node',
  'swarm/dist',
  'swarm/dist/node',
  'control-http/dist',
  'agent/dist',
];

// The bundle starts in half the time. Where something was compiled since it was made (in a checkout only) it is stale.
const bundledAt = changedAt('agent/bundle/main.js');
const isStale = PROJECTS.some((project) => changedAt(`${project}/.tsbuildinfo`) > bundledAt);
if (isStale) void import('../dist/main.js');
else require('../bundle/main.js');

/** Milliseconds since 1970; 0 for what is not there. */
function changedAt(file) {
  return statSync(path.join(__dirname, '../..', file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
