import { spawnSync } from 'node:child_process';

/** True when a program of this name can be started. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;
}
