import { readdirSync } from 'node:fs';

import { defineConfig } from 'rolldown';

// The `brine` command as a few files instead of some two hundred modules, which halves what it costs to start. What only some
// commands need stays in files of its own. Not minified: a stack trace still names functions, and the `#region` around a line
// the module that it came from.
const output = {
  dir: 'bundle',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  comments: { legal: true, annotation: false, jsdoc: false },
  // A `const` of the whole file would be asked on every use whether it is initialised yet.
  topLevelVar: true,
};

// By priority, each takes what its modules import and no other has: `info` loads the first two, `create` and `verify` the third.
const groups = [
  {
    name: 'command-line',
    priority: 4,
    test: /[\\/]agent[\\/]dist[\\/](program|payload-place|stop-request|terminal[\\/](open-reporter|hashing-meter))\.js$/,
  },
  {
    name: 'torrent',
    priority: 3,
    test: /[\\/]agent[\\/]dist[\\/](torrent-file|magnet-link)\.js$|[\\/]wire[\\/]dist[\\/]bencode[\\/]/,
  },
  { name: 'store', priority: 2, test: /[\\/]piece-store[\\/]dist[\\/]/ },
  { name: 'engine', priority: 1, test: /[\\/]agent[\\/]dist[\\/]transfer[\\/]/ },
];

// Worker threads are found beside the module that starts them, here as in the package they come from; each is one file.
const workersFolder = '../piece-store/dist/node';
const workers = readdirSync(workersFolder).filter((name) => name.endsWith('-worker.js'));

export default defineConfig([
  {
    input: 'dist/main.js',
    platform: 'node',
    output: { ...output, cleanDir: true, codeSplitting: { groups } },
  },
  ...workers.map((name) => ({ input: `${workersFolder}/${name}`, platform: 'node', output })),
]);
