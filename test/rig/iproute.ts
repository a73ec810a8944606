import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of iproute2. */
const IP = 'ip';

/** Adds a network namespace. */
export async function addNamespace(name: string): Promise<void> {
  await run(IP, ['netns', 'add', name]);
}

/** Runs `ip` commands, one on each line, in a network namespace. Rejects at the first that fails, naming it. */
export async function ip(namespace: string, commands: readonly string[]): Promise<void> {
  await batch(IP, namespace, commands);
}

/** The same for `tc`. */
export async function tc(namespace: string, commands: readonly string[]): Promise<void> {
  await batch('tc', namespace, commands);
}

/** Put before a command to run it in a namespace. It replaces itself, so the process id is the command's own. */
export function inside(namespace: string): readonly string[] {
  return [IP, 'netns', 'exec', namespace];
}

/** What a command prints when run in a namespace. */
export async function outputInside(namespace: string, command: readonly string[]): Promise<string> {
  const [file = '', ...args] = [...inside(namespace), ...command];
  return (await run(file, args)).stdout;
}

async function batch(program: string, namespace: string, commands: readonly string[]): Promise<void> {
  const running = run(program, ['-n', namespace, '-batch', '-']);
  running.child.stdin?.end(commands.map((command) => `${command}\n`).join(''));
  try {
    await running;
  } catch (error) {
    const number = Number(/Command failed -:(\d+)/.exec(String(error))?.[1] ?? 0);
    throw new Error(`${program} in ${namespace}: ${commands[number - 1] ?? 'cannot run'}`, { cause: error });
  }
}
