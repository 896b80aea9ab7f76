import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { logRecord } from '../../src/log-record.js';
import { AgentStartError } from '../../src/start-error.js';
import { Syslog } from '../../src/syslog/syslog.js';
import { eventually } from '../running.js';

vi.setConfig({ testTimeout: 60_000 });

let folder = '';
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tserf-syslog-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true });
});

/** A daemon that takes datagrams, as most do. Node has no such sockets; perl, a part of every Debian, has. */
class DatagramDaemon {
  received = '';
  readonly #process: ChildProcess;

  constructor(path: string) {
    const script = `use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; bind(S, pack_sockaddr_un($ARGV[0])) or die;
      $| = 1; print "ready\\n"; while (defined recv(S, $b, 65536, 0)) { print "$b\\n"; }`;
    this.#process = spawn('perl', ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.received += text;
    });
    cleanups.push(() => this.stop());
  }

  async heard(text: string): Promise<void> {
    await eventually(
      () => this.received.includes(text),
      () => `${text} in ${this.received}`,
    );
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

class StreamDaemon {
  received = '';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(path: string, options: { readonly reads: boolean } = { reads: true }) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      if (!options.reads) socket.pause();
      else socket.setEncoding('utf8').on('data', (text: string) => (this.received += text));
    });
    this.#server.listen(path);
    cleanups.push(() => this.stop());
  }

  get clients(): number {
    return this.#sockets.size;
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }
}

const open = async (paths: readonly string[], said: string[] = []): Promise<Syslog> => {
  const syslog = await Syslog.open({
    facility: 'DAEMON',
    paths,
    trouble: (level, text) => said.push(`${level} ${text}`),
  });
  cleanups.push(() => syslog.close());
  return syslog;
};

const record = (text: string) => logRecord('INFO', text, new Date());

describe('a daemon that takes datagrams', () => {
  test('gets each record as one, without its time and level, with the priority and our name', async () => {
    const daemon = new DatagramDaemon(join(folder, 'log'));
    await daemon.heard('ready');
    const syslog = await open([join(folder, 'missing'), join(folder, 'log')]);

    syslog.write(logRecord('INFO', 'agent: Serf agent starting', new Date()));
    syslog.write(logRecord('ERR', 'agent: two\nlines', new Date()));
    await daemon.heard('lines');

    const tag = `[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d serf\\[${process.pid}\\]: `;
    expect(daemon.received).toMatch(
      new RegExp(
        `^ready\\n<29>${tag}agent: Serf agent starting\\n<27>${tag}agent: two#012lines\\n$`,
      ),
    );
  });

  test('gets the last record too when syslog is closed behind it', async () => {
    const daemon = new DatagramDaemon(join(folder, 'log'));
    await daemon.heard('ready');
    const syslog = await open([join(folder, 'log')]);

    syslog.write(record('agent: shutdown complete'));
    await syslog.close();
    await syslog.close();

    await daemon.heard('agent: shutdown complete');
  });
});

describe('a daemon that takes streams', () => {
  test('gets each record as a line', async () => {
    const daemon = new StreamDaemon(join(folder, 'log'));
    const syslog = await open([join(folder, 'log')]);

    syslog.write(record('agent: one'));
    syslog.write(record('agent: two'));
    await syslog.close();

    await eventually(() => daemon.received.includes('two'));
    expect(daemon.received).toMatch(/^<29>\w+ .* serf\[\d+\]: agent: one\n<29>.*: agent: two\n$/);
  });

  test('that goes is told of, found again, and then told what it missed', async () => {
    const path = join(folder, 'log');
    const daemon = new StreamDaemon(path);
    const said: string[] = [];
    const syslog = await open([path], said);
    await eventually(() => daemon.clients === 1);

    await daemon.stop();
    await eventually(() => said.length === 1);
    syslog.write(record('agent: lost'));
    syslog.write(record('agent: lost'));
    const next = new StreamDaemon(path);
    await eventually(() => next.clients === 1);
    await eventually(() => {
      syslog.write(record('agent: back'));
      return next.received.includes('agent: back');
    });

    expect(said[0]).toMatch(/^WARN agent: syslog is gone, records get lost: /);
    expect(next.received).toMatch(/\d+ records were lost here, as the syslog daemon did not/);
    expect(next.received).not.toContain('agent: lost');
  });

  test('that reads nothing costs records, not memory or time', async () => {
    new StreamDaemon(join(folder, 'log'), { reads: false });
    const syslog = await open([join(folder, 'log')]);
    const before = process.memoryUsage().rss;

    for (let count = 0; count < 20_000; count += 1) syslog.write(record('x'.repeat(5_000)));

    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 2 ** 20);
  });
});

test('without a daemon the start fails, in the words of Serf, with what to do', async () => {
  const error = await Syslog.open({
    facility: 'LOCAL0',
    paths: [join(folder, 'a'), join(folder, 'b')],
    trouble: () => {},
  }).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(AgentStartError);
  expect(String(error)).toMatch(
    /Syslog setup failed: Unix syslog delivery error \(no daemon listens at .*: start one/,
  );
});
