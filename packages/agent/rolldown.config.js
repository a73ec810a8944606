import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { defineConfig } from 'rolldown';

// The `brine` command as a few files instead of some two hundred modules, which halves what it costs to start. What only some
// commands need stays in files of its own. Not minified: a stack trace still names functions, and the `#region` around a line
// the module that it came from. CommonJS, because Node reads that with less ado: it starts in 0.10 s of CPU time instead of
// 0.13 (Node 24) and in 0.14 instead of 0.17 (Node 20).
const output = {
  dir: 'bundle',
  format: 'cjs',
  exports: 'named',
  dynamicImportInCjs: false,
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

// Worker threads are found beside the module that starts them, here as where they were compiled; each is one file.
const workers = ['dist', '../piece-store/dist/node'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('-worker.js'))
    .map((name) => join(folder, name)),
);

const isCommonJs = {
  name: 'is-commonjs',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

// The agent's page lies beside the module that serves it, as it is.
const DASHBOARD = '../control-http/dist/dashboard';
const withDashboard = {
  name: 'with-dashboard',
  generateBundle() {
    const files = readdirSync(DASHBOARD, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      const fileName = `dashboard/${relative(DASHBOARD, path).replaceAll('\\', '/')}`;
      this.emitFile({ type: 'asset', fileName, source: readFileSync(path) });
    }
  },
};

export default defineConfig([
  {
    input: 'dist/main.js',
    platform: 'node',
    plugins: [isCommonJs, withDashboard],
    output: { ...output, cleanDir: true, codeSplitting: { groups } },
  },
  ...workers.map((input) => ({ input, platform: 'node', output })),
]);
