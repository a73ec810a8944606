import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { VERSION } from '../src/version.ts';

it('The version that peers are told is the package’s', async () => {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ version: VERSION });
});
