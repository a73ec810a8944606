import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where an agent keeps its state unless told otherwise: the system's place for root, the user's for others. */
export function defaultStateDirectory(): string {
  if (process.platform === 'win32') return join(programData(), 'Brine', 'state');
  if (process.getuid?.() === 0) return '/var/lib/brine';
  return join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'brine');
}

/** The configuration that is read if none is named. */
export function defaultConfigurationFile(): string {
  if (process.platform === 'win32') return join(programData(), 'Brine', 'agent.yaml');
  if (process.getuid?.() === 0) return '/etc/brine/agent.yaml';
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'brine', 'agent.yaml');
}

function programData(): string {
  return process.env['ProgramData'] || 'C:\\ProgramData';
}
