import { readFileSync } from 'node:fs';
import { commands } from '@tserf/client';
import type { Tags } from '@tserf/core';
import { decodeValue, MsgpackReader } from '@tserf/core/msgpack';
import { expect, test } from 'vitest';
import type { HostKeyReport, HostQueryObserver } from '../../src/rpc/host.js';
import {
  alpha,
  beta,
  FakeHost,
  keyReport,
  query,
  type RawClient,
  startServer,
} from './fake-host.js';

interface Step {
  readonly client?: string;
  readonly agent?: string;
  readonly closed?: true;
  readonly note?: string;
}

interface Transcript {
  readonly section: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

const file = new URL('../vectors/rpc-transcripts.json', import.meta.url);
const transcripts = JSON.parse(readFileSync(file, 'utf8')) as Transcript[];

/** What happened elsewhere in the cluster, in the words of the transcript's comments. */
const happenings: Readonly<Record<string, (host: FakeHost) => void>> = {
  'another client fires event deploy / abc / coalesce': (host) =>
    host.emit({
      type: 'user',
      ltime: 2,
      name: 'deploy',
      payload: Buffer.from('abc'),
      coalesce: true,
    }),
  'another client fires query load / 15m': (host) =>
    host.emit(query({ ltime: 1, name: 'load', payload: Buffer.from('15m') })),
  'another client runs query "ask" with payload "hi", timeout 1.5 s': (host) =>
    host.emit(query({ ltime: 3, name: 'ask', payload: Buffer.from('hi') })),
  'another client sets a tag': (host) =>
    host.emit({ type: 'member-update', members: [{ ...alpha, tags: { v: '3', role: 'web' } }] }),
};

/** The node of the transcripts: it says no where that one said no. */
class TranscriptHost extends FakeHost {
  override list = [alpha, beta];
  override coordinates = {
    beta: {
      vector: [
        6.01601846915555e-5, 3.705155800816374e-5, 9.356087151627076e-6, -7.084081373176245e-5,
        -8.525634991119712e-5, -7.995839434487263e-5, -0.00013312704582087688,
        0.00010547489338794916,
      ],
      error: 1.1317038020933423,
      adjustment: 4.0966245217254495e-5,
      height: 6.484956205920783e-5,
    },
  };
  #answered = new Set<number>();

  override async event(_name: string, payload = new Uint8Array()): Promise<void> {
    if (payload.length < 512) return;
    throw new Error('user event exceeds configured limit of 512 bytes before encoding');
  }

  override async updateTags({ set }: { readonly set: Tags }): Promise<void> {
    if (set['x'] === undefined) return;
    throw new Error('Encoded length of tags exceeds limit of 512 bytes');
  }

  override async query(_request: unknown, observer: HostQueryObserver): Promise<() => void> {
    for (const node of ['alpha', 'beta']) {
      observer.ack(node);
      observer.response(node, Buffer.from('1.02\n'));
    }
    observer.done();
    return () => {};
  }

  override async respond(query: number): Promise<void> {
    if (this.#answered.has(query)) throw new Error('response already sent');
    this.#answered.add(query);
  }

  override async installKey(key: string): Promise<HostKeyReport> {
    if (key !== 'bad!') return keyReport();
    throw new Error('illegal base64 data at input byte 3');
  }

  override async removeKey(key: string): Promise<HostKeyReport> {
    if (!key.startsWith('5K9')) return keyReport();
    const messages = new Map([['kappa', 'Removing the primary key is not allowed']]);
    return keyReport({ numErrors: 1, messages });
  }

  override async listKeys(): Promise<HostKeyReport> {
    const first = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';
    const second = '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4=';
    return keyReport({
      keys: new Map([
        [first, 1],
        [second, 1],
      ]),
    });
  }

  override async join(addresses: readonly string[]): Promise<number> {
    if (addresses[0] !== '127.0.0.1:1') return addresses.length;
    throw new Error(
      '1 error occurred:\n\t* Failed to join 127.0.0.1: dial tcp 127.0.0.1:1: connect: connection refused\n\n',
    );
  }
}

// The one deliberate difference: a bad pattern is answered, not hung up on (spec/05 §8.5).
const ours = new Set(['82a7436f6d6d616e64b06d656d626572732d66696c7465726564a353657104']);

test.each(transcripts)('§$section $title', async ({ section, steps }) => {
  const host = new TranscriptHost();
  const stats = steps.findLast(({ agent }) => agent !== undefined)?.agent ?? '';
  if (section === '18.14') {
    host.sections = commands.stats.reply.read(new MsgpackReader(Buffer.from(stats, 'hex')));
  }
  if (section === '18.17') {
    host.log('INFO', 'serf: below the level that is asked for');
    host.log('ERR', 'serf: Failed to remove key: Removing the primary key is not allowed');
  }
  const key = section === '18.2' ? 's3cret' : '';
  await using rpc = await startServer({ authKey: key }, host);
  let client = await rpc.connect();
  if (section !== '18.1') await client.shakeHands();

  for (const step of steps) {
    if (step.note?.startsWith('new connection')) client = await rpc.connect();
    else if (step.note !== undefined) happenings[step.note]?.(host);
    else if (step.closed) expect(await client.untilClosed()).toBe('');
    else if (step.client !== undefined) {
      if (ours.has(step.client)) break;
      client.send(step.client);
    } else await expectObject(client, step.agent ?? '');
    // A leave ends the agent, which ends the server.
    if (section === '18.19' && step.agent !== undefined) void rpc.server.close();
  }
});

/** Byte for byte, unless it holds a map of more than one text, whose order is random in Go. */
async function expectObject(client: RawClient, wanted: string): Promise<void> {
  const got = await client.read(wanted.length / 2);
  const hasRandomOrder =
    /82a(176a133|4726f6c65)/.test(wanted) || /^85a(56167656e74|44b65797382)/.test(wanted);
  if (hasRandomOrder) expect(decode(got)).toEqual(decode(wanted));
  else expect(got).toBe(wanted);
}

function decode(hex: string): unknown {
  return decodeValue(new MsgpackReader(Buffer.from(hex, 'hex')));
}
