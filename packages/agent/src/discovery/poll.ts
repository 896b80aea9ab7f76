import type { Socket } from 'node:dgram';
import { after, pause, type Timer } from '../delay.js';
import { type FoundHost, queryFor, readFoundHosts } from './message.js';
import { askGroup, type Family, LocalLinks } from './multicast.js';

/** How long answers to a question are waited for, and for how long after the last new one (spec/07 §9). */
const listenMs = 1_000;
const quietMs = 100;
/** More than these are not kept from one poll; the next one finds the rest. */
const foundLimit = 1_024;

export interface PollOptions {
  readonly families: readonly Family[];
  readonly interface: string | undefined;
  readonly serviceName: string;
  /** Whether to hurry for it. */
  readonly isNews: (host: FoundHost) => boolean;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

export interface PollResult {
  /** Each host once. */
  readonly found: readonly FoundHost[];
  /** Families that could not ask. */
  readonly failures: readonly Error[];
}

/** Asks once, over each family, who is there; a family that fails does not stop the other. */
export async function poll(options: PollOptions): Promise<PollResult> {
  const { serviceName, signal } = options;
  const links = new LocalLinks();
  const found = new Map<string, FoundHost>();
  const failures: Error[] = [];
  const sockets: Socket[] = [];
  const enough = new AbortController();
  let quiet: Timer | undefined;
  const take = (host: FoundHost): void => {
    const key = `${host.host} ${host.port}`;
    if (found.has(key) || found.size >= foundLimit) return;
    found.set(key, host);
    if (!options.isNews(host)) return;
    quiet?.cancel();
    quiet = after(quietMs, () => enough.abort());
  };
  for (const family of options.families) {
    try {
      const socket = await askGroup(family, options.interface, queryFor(serviceName), {
        message: (bytes, from) => {
          if (!links.include(from.address)) return;
          for (const host of readFoundHosts(bytes, serviceName)) take(host);
        },
        error: (error) => failures.push(error),
      });
      sockets.push(socket);
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  if (sockets.length > 0) await pause(listenMs, AbortSignal.any([signal, enough.signal]));
  quiet?.cancel();
  for (const socket of sockets) socket.close();
  return { found: [...found.values()], failures };
}
