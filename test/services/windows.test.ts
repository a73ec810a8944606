import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { describeWith } from './requirements.ts';

const PYTHON = fileURLToPath(new URL('../../scratch/powershell/bin/python3', import.meta.url));
const PARSER = fileURLToPath(new URL('parse_windows.py', import.meta.url));
const FILES = fileURLToPath(new URL('../../packages/agent/services/windows', import.meta.url));

describeWith([PYTHON], 'the Windows service', () => {
  test('is XML and PowerShell, starts and stops the agent with the same words, and keeps its places', async () => {
    const parsed = promisify(execFile)(PYTHON, [
      PARSER,
      join(FILES, 'brine-agent.xml'),
      join(FILES, 'install.ps1'),
    ]);
    const elements = JSON.parse((await parsed).stdout) as [string, string, Record<string, string>][];
    const texts = (name: string): string[] => elements.flatMap(([tag, text]) => (tag === name ? [text] : []));
    expect(elements[0]![0]).toBe('service');
    expect(texts('executable')).toEqual(['@NODE@']);
    expect(texts('startargument')).toEqual(['@BRINE@', 'agent']);
    expect(texts('stopargument')).toEqual(['@BRINE@', 'stop']);
    expect(elements.flatMap(([tag, , { name, value }]) => (tag === 'env' ? [[name, value]] : []))).toEqual([
      ['BRINE_CONFIG', '%ProgramData%\\Brine\\agent.yaml'],
      ['BRINE_STATE', '%ProgramData%\\Brine\\state'],
    ]);
  });

  test('has no place that its script leaves unfilled', async () => {
    const script = await readFile(join(FILES, 'install.ps1'), 'utf8');
    for (const file of ['brine-agent.xml', 'agent.yaml'])
      for (const [place] of (await readFile(join(FILES, file), 'utf8')).matchAll(/@[A-Z]+@/g))
        expect(script).toContain(`Replace('${place}'`);
    const id = /<id>(\w+)<\/id>/.exec(await readFile(join(FILES, 'brine-agent.xml'), 'utf8'))![1];
    expect(new Set([...script.matchAll(/-Name '(\w+)'/g)].map(([, name]) => name))).toEqual(new Set([id]));
  });
});
