import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@tserf/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent, type CommandLine, call, serfUnderTest, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll, type Finished } from '../harness/processes.ts';

const serf = serfUnderTest();

/** Names and values that handlers see in another form than they have (spec/07 §16). */
const tags = {
  role: 'web',
  'Data-Center': 'us east',
  'a.b': '1',
  'x=y': 'e=q',
  'tab\tname': 'v\tt',
  nl: 'l1\nl2',
  '1num': 'n',
  ünï: 'é',
  empty: '',
  comma: 'a,b=c',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-handlers-'));
});
afterEach(async () => {
  await endAll();
  rmSync(folder, { recursive: true });
});

/**
 * A cluster of its own around one agent whose handlers are looked at. All else in it is Serf, and Serf's command line
 * does everything, so that two such clusters differ in that one agent alone.
 */
class World {
  readonly #folder: string;
  readonly #line: CommandLine;
  #subject: Agent | undefined;
  readonly #peers = new Map<string, Agent>();

  constructor(line: CommandLine) {
    this.#line = line;
    this.#folder = join(folder, line.kind);
    mkdirSync(this.#folder);
  }

  async start(handlers: readonly string[], config?: object): Promise<void> {
    const flags = ['-profile=local', ...handlers.map((text) => `-event-handler=${text}`)];
    if (config !== undefined) {
      const file = join(this.#folder, 'config.json');
      writeFileSync(file, JSON.stringify(config));
      flags.push(`-config-file=${file}`);
    }
    // What an agent inherits, it hands on; in a test of a handler there may be something.
    this.#subject = await Agent.start(this.#line, { node: 'nodeA', tags, flags });
  }

  /** A handler that keeps what it was given, and says something on both channels. */
  recorder(): string {
    const script = join(this.#folder, 'record.sh');
    const lines = [
      '#!/bin/sh',
      `file=$(mktemp ${this.#folder}/run.XXXXXX)`,
      "{ env -0 | grep -z '^SERF_' | sort -z; printf 'input=%s' \"$0 $#:\"; cat; } >$file",
      'mv $file $file.done',
      'echo out-line; echo err-line >&2; echo out-line',
    ];
    writeFileSync(script, lines.join('\n'));
    chmodSync(script, 0o755);
    return script;
  }

  /** A handler that writes down what happens to members, in order. */
  sequence(): string {
    return `sed "s/^/$SERF_EVENT /" >>${join(this.#folder, 'sequence')}`;
  }

  /**
   * What `node` went through, event by event and with its tags. Serf tells an update again with later events of others,
   * until something else happens to that member (spec/03 §18).
   */
  wentThrough(node: string): string[] {
    const told = readFileSync(join(this.#folder, 'sequence'), 'utf8')
      .split('\n')
      .filter((line) => line.split(/[ \t]/)[1] === node)
      .map((line) => {
        const [event, _address, role, list = ''] = line.split('\t');
        return [event, role, ...list.split(',').sort()].filter((word) => word !== '').join(' ');
      });
    return told.filter((event, at) => event !== told[at - 1]);
  }

  async untilIn(node: string, events: readonly string[]): Promise<void> {
    await eventually(() => expect(this.wentThrough(node)).toEqual(events), { withinMs: 60_000 });
  }

  async peer(node: string, peerTags: Readonly<Record<string, string>>): Promise<void> {
    const peer = await Agent.start(serf, { node, tags: peerTags, flags: ['-profile=local'] });
    this.#peers.set(node, peer);
    expect(await peer.join(this.#own())).toMatchObject({ code: 0 });
  }

  /** One change after the other, without a pause. */
  async changeTags(
    node: string,
    ...changes: readonly Parameters<Client['updateTags']>[0][]
  ): Promise<void> {
    await using client = await Client.connect({ address: this.#peers.get(node)?.rpc ?? '' });
    await Promise.all(changes.map((change) => client.updateTags(change)));
  }

  async leave(node: string): Promise<void> {
    await this.#peers.get(node)?.leave();
  }

  async kill(node: string): Promise<void> {
    await this.#peers.get(node)?.kill();
  }

  /** Serf's command line, at the agent that is looked at or at a peer. */
  async serf(at: string, command: string, ...args: readonly string[]): Promise<Finished> {
    const { rpc } = this.#peers.get(at) ?? this.#own();
    const done = await call(serf, command, `-rpc-addr=${rpc}`, ...args);
    expect(done, `${command} ${args}`).toMatchObject({ code: 0 });
    return done;
  }

  /**
   * What the handler was given, once for each thing that happened: members that came in one event are told one by one, as
   * nothing fixes which come together, and what Serf tells again is told once.
   */
  happened(): string[] {
    const runs = readdirSync(this.#folder)
      .filter((name) => name.endsWith('.done'))
      .flatMap((name) => singles(readFileSync(join(this.#folder, name), 'latin1')));
    return [...new Set(runs)].sort();
  }

  async until(event: string, text: string): Promise<void> {
    await eventually(
      () => {
        const found = this.happened().filter((run) => run.includes(`SERF_EVENT=${event}\0`));
        expect(found.join('\n')).toContain(text);
      },
      { withinMs: 60_000 },
    );
  }

  /** What the log says of scripts, in order and without times. */
  scriptLog(): string[] {
    const records = this.#own().process.stdout.split(/^ {4}\d{4}\S+ \S+ /m);
    return records.filter((record) => {
      // Serf has this line too, and never gets to it (spec/07 §15.6).
      if (/ bytes of output, truncated to /.test(record)) return false;
      return / agent: (Event |Error invoking |Script |Failed to respond )/.test(record);
    });
  }

  #own(): Agent {
    if (this.#subject === undefined) throw new Error('not started');
    return this.#subject;
  }
}

/** A run for several members as if it had been one for each; tags of a line in one order, as Serf's have none. */
function singles(run: string): string[] {
  const at = run.indexOf('\0input=');
  const environment = run.slice(0, at);
  const [, script = '', input = ''] = /^\0input=\S*?([^/ ]+ \d+):(.*)$/s.exec(run.slice(at)) ?? [];
  if (!/(^|\0)SERF_EVENT=member-/.test(environment)) return [`${environment}\0 ${script} ${input}`];
  return input.split(/(?<=\n)/).map((line) => {
    const [name, address, role, list = ''] = line.split('\t');
    const sorted = list.replace(/\n$/, '').split(',').sort().join(',');
    return `${environment}\0 ${script} ${[name, address, role, sorted].join('\t')}${line.endsWith('\n') ? '\n' : ''}`;
  });
}

test('a handler of ours sees at every event what it sees under Serf', async () => {
  const worlds = [new World(serf), new World(tserf)];
  const both = <T>(work: (world: World) => Promise<T>) => Promise.all(worlds.map(work));
  await both((world) => world.start([world.recorder()]));
  await both((world) => world.until('member-join', 'nodeA'));

  await both((world) => world.peer('nodeB', { role: 'db', k: 'v w' }));
  await both((world) => world.until('member-join', 'nodeB'));
  await both((world) => world.peer('nodeC', {}));
  await both((world) => world.until('member-join', 'nodeC'));
  await both((world) => world.serf('nodeB', 'tags', '-set', 'extra=1'));
  await both((world) => world.until('member-update', 'extra=1'));
  await both((world) => world.leave('nodeC'));
  await both((world) => world.until('member-leave', 'nodeC'));
  for (const [name, payload] of [
    ['deploy', ['payload no newline']],
    ['deploy2', ['multi\nline\n']],
    ['empty', []],
    ['a:b c', ['\ta\r\n\\ü']],
  ] as const) {
    await both((world) => world.serf('nodeB', 'event', '-coalesce=false', name, ...payload));
    await both((world) => world.until('user', `SERF_USER_EVENT=${name}\0`));
  }
  await both((world) => world.serf('nodeA', 'event', 'coalesced', 'x'));
  await both((world) => world.until('user', 'SERF_USER_EVENT=coalesced\0'));
  const answers = await both((world) =>
    world.serf('nodeB', 'query', '-timeout=3s', '-format=json', 'load', 'qpayload'),
  );
  await both((world) => world.serf('nodeA', 'query', '-timeout=1s', 'noload'));
  await both((world) => world.until('query', 'SERF_QUERY_NAME=noload\0'));
  await both((world) => world.kill('nodeB'));
  await both((world) => world.until('member-failed', 'nodeB'));
  await both((world) => world.serf('nodeA', 'force-leave', '-prune', 'nodeB'));
  await both((world) => world.until('member-reap', 'nodeB'));
  await both((world) => world.serf('nodeA', 'force-leave', '-prune', 'nodeC'));
  await both((world) => world.until('member-reap', 'nodeC'));

  const [theirs, ours] = worlds.map((world) => world.happened());
  expect(ours).toEqual(theirs);
  expect(ours).toHaveLength(15);
  const [theirAnswer, ourAnswer] = answers.map(({ stdout }) => JSON.parse(stdout).Responses);
  expect(ourAnswer).toEqual(theirAnswer);
  expect(ourAnswer).toEqual({ nodeA: 'out-line\nerr-line\nout-line\n' });
});

test('a member that comes, changes, goes and returns does so event by event as under Serf', async () => {
  const worlds = [new World(serf), new World(tserf)];
  const both = <T>(work: (world: World) => Promise<T>) => Promise.all(worlds.map(work));
  // Dead members are forgotten at the next look, which both take every 15 seconds.
  const config = { reconnect_timeout: '1s', tombstone_timeout: '1s' };
  await both((world) => world.start([world.sequence()], config));
  const events: string[] = [];
  const happens = async (event: string, work: (world: World) => Promise<unknown>) => {
    await both(work);
    events.push(event);
    await both((world) => world.untilIn('nodeB', events));
  };

  await happens('member-join nodeB db role=db', (world) => world.peer('nodeB', { role: 'db' }));
  await happens('member-update nodeB db role=db v=1', (world) =>
    world.serf('nodeB', 'tags', '-set', 'v=1'),
  );
  // Two at once are told as one, the last.
  await happens('member-update nodeB web role=web', (world) =>
    world.changeTags('nodeB', { set: { v: '2' } }, { set: { role: 'web' }, delete: ['v'] }),
  );
  // Somebody else's coming has Serf tell the update once more.
  await both((world) => world.peer('nodeC', {}));
  await both((world) => world.untilIn('nodeC', ['member-join nodeC']));
  await happens('member-leave nodeB web role=web', (world) => world.leave('nodeB'));
  await happens('member-join nodeB db role=db', (world) => world.peer('nodeB', { role: 'db' }));
  await happens('member-failed nodeB db role=db', (world) => world.kill('nodeB'));
  await happens('member-reap nodeB db role=db', async () => {});
  await happens('member-join nodeB', (world) => world.peer('nodeB', {}));
});

test('scripts of ours end, and are told of, as they are under Serf', async () => {
  const scripts = [
    'exit 0',
    'exit 3',
    '/nonexistent/script.sh arg',
    '/',
    'kill -TERM $$',
    'kill -KILL $$',
    'echo $SERF_USER_EVENT; echo "$0" "$#" >&2; echo = , =',
    'seq 1 3000',
    'head -c 200000 /dev/zero | tr "\\0" x',
    'exec 0<&-; echo closed',
    'cat /dev/stdin; echo error >/dev/stderr; echo output >/dev/stdout',
    'test -p /dev/stdin && test -p /dev/stdout && echo pipes',
    'sleep 1.3',
    '(sleep 1.5; echo late) & echo early',
    'sleep 60 >/dev/null 2>&1 & kill $!; echo detached',
    'echo with; echo lines; printf "and no end"',
    '',
  ];
  const worlds = [new World(serf), new World(tserf)];
  const handlers = [...scripts.map((script) => `user:u=${script}`), '=true', 'query:=echo query'];
  await Promise.all(worlds.map((world) => world.start(handlers)));

  const outputsOf = (world: World) =>
    world.scriptLog().filter((record) => record.includes(' script output: '));
  const outputs = (count: number) =>
    eventually(
      () => expect(worlds.map((world) => outputsOf(world).length)).toEqual([count, count]),
      {
        withinMs: 60_000,
      },
    );
  await outputs(1);
  for (const world of worlds) {
    // Two of a kind: what is said of the second comes after all that is said of the first.
    await world.serf('', 'event', '-coalesce=false', 'u', 'the payload');
    await world.serf('', 'event', '-coalesce=false', 'u');
  }

  await outputs(1 + 2 * (scripts.length + 1));
  const [theirs, ours] = worlds.map((world) => world.scriptLog());
  expect(ours).toEqual(theirs);
});

test('a query is answered by ours as by Serf, and only then', async () => {
  const worlds = [new World(serf), new World(tserf)];
  const handlers = [
    'query:one=echo answer',
    'query:two=echo first',
    'query:two=echo second',
    'query:none=true',
    'query:fails=echo not sent; exit 1',
    'query:killed=echo not sent; kill -KILL $$',
    'query:error=echo on the other channel >&2',
    'query:input=cat',
    'query:late=sleep 2; echo late',
    // What still fits beside the node's name of five bytes, and one byte more.
    'query:fits=head -c 978 /dev/zero | tr "\\0" x',
  ];
  await Promise.all(worlds.map((world) => world.start(handlers)));

  const names = ['one', 'two', 'none', 'fails', 'killed', 'error', 'input', 'fits', 'late'];
  const answers = await Promise.all(
    worlds.map(async (world) => {
      const responses: unknown[] = [];
      for (const name of names) {
        const timeout = name === 'late' ? '-timeout=1s' : '-timeout=2s';
        const { stdout } = await world.serf('', 'query', timeout, '-format=json', name, 'in');
        responses.push([name, JSON.parse(stdout).Responses]);
      }
      return responses;
    }),
  );

  const [theirs, ours] = answers;
  expect(ours).toEqual(theirs);
  expect(theirs).toContainEqual(['fits', { nodeA: 'x'.repeat(978) }]);
  const late = "[WARN] agent: Failed to respond to query 'query: late'";
  await eventually(
    () => {
      for (const world of worlds) expect(world.scriptLog().join('')).toContain(late);
    },
    { withinMs: 30_000 },
  );
  const [theirLog, ourLog] = worlds.map((world) => world.scriptLog());
  expect(ourLog).toEqual(theirLog);
});

test('an answer of ours that is larger than a packet reaches Serf', async () => {
  const world = new World(tserf);
  await world.start(['query:large=seq 1 3000']);
  await world.peer('nodeB', {});

  const { stdout } = await world.serf('nodeB', 'query', '-timeout=5s', '-format=json', 'large');

  const answer: string = JSON.parse(stdout).Responses.nodeA;
  expect(answer).toHaveLength(8_192);
  expect(answer.endsWith('\n2999\n3000\n')).toBe(true);
});
