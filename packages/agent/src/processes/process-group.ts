import { readdir, readFile } from 'node:fs/promises';
import { after } from '../delay.js';

/** How soon a group that was told to end is looked at; each further look waits twice as long. */
const firstLookMs = 10;

/** Nothing survives SIGKILL longer, unless the kernel itself is stuck. */
const killLimitMs = 1_000;

/**
 * Ends every process of a group: SIGTERM, and after `graceMs` SIGKILL. Resolves when the group is gone, or cannot be
 * ended. On Windows, which has no groups, only the process itself is ended.
 */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  signalGroup(leader, 'SIGTERM');
  if (await isGoneWithin(leader, graceMs)) return;
  signalGroup(leader, 'SIGKILL');
  await isGoneWithin(leader, killLimitMs);
}

async function isGoneWithin(leader: number, limitMs: number): Promise<boolean> {
  const limit = performance.now() + limitMs;
  for (let lookMs = firstLookMs; signalGroup(leader, 0); lookMs *= 2) {
    if (await isDead(leader)) {
      // One that was born while the others were looked at; zombies don't mind.
      signalGroup(leader, 'SIGKILL');
      return true;
    }
    const leftMs = limit - performance.now();
    if (leftMs <= 0) return false;
    await new Promise<void>((resolve) => void after(Math.min(lookMs, leftMs), resolve));
  }
  return true;
}

/** Whether there is such a group. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(process.platform === 'win32' ? leader : -leader, signal);
  } catch {
    return false;
  }
}

/**
 * Whether only zombies are left of a group: what lost its parent is collected by the system's first process, which in
 * a container often is none that collects.
 */
async function isDead(group: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    for (const entry of await readdir('/proc')) {
      if (/^\d+$/.test(entry) && (await isLivingIn(group, entry))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

async function isLivingIn(group: number, pid: string): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name stands in brackets and may hold anything; behind it: state, parent, group.
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(itsGroup) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
