import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    pool: 'threads',
    projects: [
      // Each package by itself.
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: [...exclude, 'packages/agent/test/wine/**'],
        },
      },
      // The packages together: contracts of ports, simulation.
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, 'test/interop/**', 'test/wan/**', 'test/browser/**'],
        },
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
      // The agent's page in a real browser; see test/browser/requirements.ts for when they run.
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      // The built command in Node for Windows; see packages/agent/test/wine/wine.ts for when it runs.
      {
        extends: true,
        test: {
          name: 'wine',
          include: ['packages/agent/test/wine/**/*.test.ts'],
          exclude,
          maxWorkers: 1,
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      // On slow links, one fleet at a time: they measure bytes, and dozens of processes share the machine.
      {
        extends: true,
        test: {
          name: 'wan',
          include: ['test/wan/**/*.test.ts'],
          exclude,
          maxWorkers: 1,
          maxConcurrency: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
