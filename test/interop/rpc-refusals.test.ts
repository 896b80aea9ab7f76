import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Agent, call, serfUnderTest } from '../harness/agents.ts';
import { endAll } from '../harness/processes.ts';
import { client, expectSameAnswers, type Session } from '../harness/same-answers.ts';
import { type Heard, WireClient } from '../harness/wire-client.ts';
import type { WireValue } from '../harness/wire-values.ts';

/*
 * What an agent says no to, in Serf's words: the same requests at an agent of each kind, when it has just started and
 * when it has run a script, which loads code of its own.
 */

const serf = serfUnderTest();
const key = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-refusals-'));
});
afterEach(endAll);
afterAll(() => rmSync(folder, { recursive: true }));

type Request = readonly [command: string, body: WireValue, objects?: number];

/** On one connection, in this order. */
const refused: readonly Request[] = [
  ['handshake', { Version: 1 }],
  ['handshake', { Version: 2 }],
  ['auth', { AuthKey: 'none is wanted' }],
  ['event', { Name: 'x'.repeat(513), Payload: null, Coalesce: false }],
  ['event', { Name: 'deploy', Payload: new Uint8Array(600), Coalesce: true }],
  ['event', { Name: 'deploy', Payload: new Uint8Array(500), Coalesce: true }],
  ['event', { Name: 'deploy', Payload: new Uint8Array(9_300), Coalesce: true }],
  ['query', { Name: '_serf_conflict', Payload: null }],
  ['query', { Name: '_serf_ping', Payload: new Uint8Array([1]) }],
  ['query', { Name: 'q', Payload: new Uint8Array(1_100), Timeout: 1 }],
  ['query', { Name: 'q', FilterNodes: ['n'.repeat(1_100)], Timeout: 1 }],
  ['query', { Name: 'q', FilterTags: { role: 'x'.repeat(1_100) }, Timeout: 1 }],
  ['stream', { Type: 'bogus' }],
  ['stream', { Type: 'user:deploy,member-joined' }],
  ['stream', { Type: 'user:deploy' }],
  ['stream', { Type: 'query:x' }],
  ['stream', { Type: 'bogus' }],
  ['monitor', { LogLevel: 'loud' }],
  ['monitor', { LogLevel: 'ERROR' }],
  ['stop', { Stop: 4_711 }],
  ['respond', { ID: 4_711, Payload: null }],
  ['join', { Existing: ['127.0.0.1:1'], Replay: false }, 2],
  ['join', { Existing: ['127.0.0.1:99999', '/x'], Replay: true }, 2],
  ['join', { Existing: ['[::1'], Replay: false }, 2],
  ['tags', { Tags: { kept: 'no' }, DeleteTags: null }],
  ['install-key', { Key: 'no base64!' }, 2],
  ['install-key', { Key: key }, 2],
  ['use-key', { Key: 'YWJj' }, 2],
  ['remove-key', { Key: '' }, 2],
  ['get-coordinate', { Node: 'nobody' }, 2],
];

/** Each ends its connection. */
const fatal: readonly (readonly [command: string, body: WireValue | undefined])[] = [
  ['no such command', undefined],
  ['', undefined],
  ['query', { Name: 'q', RelayFactor: 256 }],
  ['query', { Name: 'q', RelayFactor: -1 }],
  ['query', { Name: 'q', Timeout: 'soon' }],
  ['event', { Name: 7 }],
  ['stop', { Stop: -1 }],
  ['respond', { ID: 'first' }],
  ['tags', { Tags: 'x' }],
  ['monitor', { LogLevel: 3 }],
];

async function refusals(agent: Agent): Promise<readonly Heard[]> {
  const one = await client(agent);
  const heard: Heard[] = [];
  for (const [command, body, objects = 1] of refused) {
    const answer = await one.ask(command, 7, body, objects);
    heard.push([command, answer.map(withoutPrimary)]);
  }
  for (const [command, body] of fatal) {
    heard.push([command, await (await client(agent)).ask(command, 8, body, 2)]);
  }
  const stranger = await WireClient.connect(agent.rpc);
  heard.push(await stranger.ask('stats', 9, undefined, 2));
  return heard;
}

/** Ours also says which key is the primary one, which Serf's programs skip. */
function withoutPrimary(heard: Heard): Heard {
  if (typeof heard !== 'object' || heard === null) return heard;
  const { PrimaryKeys: _, ...known } = heard as Record<string, unknown>;
  return known;
}

/** Has the agent's script run, by an event of its own. */
async function runScript(agent: Agent): Promise<void> {
  await call(serf, 'event', `-rpc-addr=${agent.rpc}`, '-coalesce=false', 'run');
  await agent.process.printed(/script output: it has run/);
}

/** Tags cannot be kept: they have a file in a folder that is gone. */
function setting(encrypted: boolean) {
  const tags = join(folder, 'no-such-folder', 'tags');
  return {
    flags: [
      '-event-handler=user:run=echo it has run',
      `-tags-file=${tags}`,
      ...(encrypted ? [`-encrypt=${key}`] : []),
    ],
  };
}

const same = (encrypted: boolean, session: Session) =>
  expectSameAnswers(serf, setting(encrypted), session);

describe.each([
  ['plain', false],
  ['encrypted', true],
])('an agent that is %s', (_how, encrypted) => {
  test('refuses in the same words, before a script has run and after', () =>
    same(encrypted, async (agent) => {
      const before = await refusals(agent);
      await runScript(agent);
      return [before, await refusals(agent)];
    }));
});

test('who is to show a token is refused until then, whatever it asks for', async () => {
  const file = join(folder, 'token.json');
  writeFileSync(file, JSON.stringify({ rpc_auth: 's3cret' }));
  await expectSameAnswers(serf, { flags: [`-config-file=${file}`] }, async (agent) => {
    const heard = [];
    for (const command of ['members', 'stats', 'list-keys', 'leave', 'nonsense']) {
      heard.push(await (await client(agent)).ask(command, 7, undefined, 1));
    }
    const one = await client(agent);
    for (const token of ['', 'S3cret', 's3cret ', 's3cret', 'wrong']) {
      heard.push(await one.ask('auth', 7, { AuthKey: token }, 1));
    }
    heard.push(await one.ask('stop', 8, { Stop: 1 }, 1));
    return heard;
  });
});

test('command lines show the same refusals of an agent whose script has run', async () => {
  const commands: readonly (readonly string[])[] = [
    ['event', 'sized', 'x'.repeat(600)],
    ['event', 'sized', 'x'.repeat(500)],
    ['query', '_serf_x'],
    ['query', 'sized', 'x'.repeat(1_100)],
    ['join', '127.0.0.1:99999', '127.0.0.1:1'],
    ['keys', '-list'],
    ['keys', '-install=YWJj'],
    ['keys', '-use=!'],
    ['tags', '-set', 'a=b'],
    ['monitor', '-log-level=loud'],
    ['rtt', 'nobody'],
  ];
  await same(false, async (agent) => {
    await runScript(agent);
    const shown = [];
    for (const [name = '', ...rest] of commands) {
      shown.push(await call(serf, name, `-rpc-addr=${agent.rpc}`, ...rest));
    }
    for (const { code } of shown as { code: number }[]) expect(code).toBe(1);
    return shown;
  });
});
