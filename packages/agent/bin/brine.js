#!/usr/bin/env node
const { readdirSync, statSync } = require('node:fs');
const path = require('node:path');

const packages = path.join(__dirname, '../..');

// The bundle starts in half the time. Where something was compiled since it was made (in a checkout only) it is stale.
const bundledAt = changedAt('agent/bundle/main.js');
const compiled = readdirSync(packages, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => [`${name}/dist/.tsbuildinfo`, `${name}/dist/node/.tsbuildinfo`]);
if (compiled.some((file) => changedAt(file) > bundledAt)) void import('../dist/main.js');
else require('../bundle/main.js');

/** Milliseconds since 1970; 0 for what is not there. */
function changedAt(file) {
  return statSync(path.join(packages, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
