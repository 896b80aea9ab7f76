import type { LogLevel } from '@tserf/core';
import { pause } from '../delay.js';
import type { LogRecord } from '../log-record.js';
import { AgentStartError } from '../start-error.js';
import { type Channel, openChannel } from './channel.js';
import { oneLine } from './line.js';
import { priority } from './priorities.js';

/** Where daemons listen, in the order in which they are tried (spec/07 §12.5). */
const socketPaths = ['/dev/log', '/var/run/syslog', '/var/run/log'];

/** A daemon that is gone is looked for again after this time. */
const retryMs = 5_000;

/** What may wait for a daemon that takes nothing; what comes then is lost, and counted. */
const waitingLimitBytes = 1_048_576;

export interface SyslogOptions {
  /** One of syslog's names, in upper case. */
  readonly facility: string;
  /** Default: where daemons listen. */
  readonly paths?: readonly string[];
  /** Hears when records get lost. What it writes may come back as a record. */
  readonly trouble: (level: LogLevel, text: string) => void;
}

/** Writes log records to the syslog daemon of this machine. It never waits for it. */
export class Syslog {
  readonly #options: SyslogOptions;
  readonly #ended = new AbortController();
  #channel: Channel | undefined;
  #lost = 0;

  /** @throws {AgentStartError} when no daemon listens, which is fatal as in Serf */
  static async open(options: SyslogOptions): Promise<Syslog> {
    const reasons: string[] = [];
    const channel = await firstChannel(options.paths ?? socketPaths, reasons);
    if (channel === undefined) {
      // That nobody is there is what the text says already.
      const detail = reasons.find((reason) => !/ENOENT|ECONNREFUSED/.test(reason));
      const text = `Syslog setup failed: Unix syslog delivery error${detail ? `: ${detail}` : ''}`;
      throw new AgentStartError('SYSLOG_FAILED', text);
    }
    const syslog = new Syslog(options);
    void syslog.#keepOpen(channel);
    return syslog;
  }

  private constructor(options: SyslogOptions) {
    this.#options = options;
  }

  write({ level, text }: LogRecord): void {
    const channel = this.#channel;
    if (channel === undefined || channel.waitingBytes > waitingLimitBytes) {
      this.#lost += 1;
      return;
    }
    if (this.#lost > 0) {
      const lost = `agent: ${this.#lost} records were lost here, as the syslog daemon did not take them`;
      this.#lost = 0;
      channel.write(priority(this.#options.facility, 'WARN'), lost);
    }
    channel.write(priority(this.#options.facility, level), oneLine(text));
  }

  /** Lets the last records out, within a second. Closing twice is harmless. */
  async close(): Promise<void> {
    this.#ended.abort();
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.close();
  }

  async #keepOpen(first: Channel): Promise<void> {
    const { signal } = this.#ended;
    for (let channel: Channel | undefined = first; !signal.aborted; ) {
      this.#channel = channel;
      const reason = await channel?.closed;
      if (signal.aborted) break;
      this.#channel = undefined;
      if (reason !== undefined) {
        this.#options.trouble('WARN', `agent: syslog is gone, records get lost: ${reason}`);
      }
      await pause(retryMs, signal);
      channel = signal.aborted
        ? undefined
        : await firstChannel(this.#options.paths ?? socketPaths, []);
      if (signal.aborted) await channel?.close();
    }
  }
}

async function firstChannel(
  paths: readonly string[],
  reasons: string[],
): Promise<Channel | undefined> {
  for (const path of paths) {
    try {
      return await openChannel(path);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return undefined;
}
