import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    pool: 'threads',
    projects: [
      // Each package by itself.
      { extends: true, test: { name: 'unit', include: ['packages/*/test/**/*.test.ts'], exclude } },
      // The packages together: contracts of ports, simulation.
      {
        extends: true,
        test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: [...exclude, 'test/interop/**'] },
      },
      // With other clients, by themselves at the end: they measure time. See test/rig/describe-on-hosts.ts for when they run.
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          exclude,
          maxWorkers: 1,
          maxConcurrency: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
