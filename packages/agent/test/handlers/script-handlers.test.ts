import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLevel, Tags } from '@tserf/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { handlerConfig } from '../../src/handlers/handler-config.js';
import { type HandlerSettings, handlerSchema } from '../../src/handlers/handler-schema.js';
import { type HandlersConfig, ScriptHandlers } from '../../src/handlers/script-handlers.js';
import { incomingQuery, userEvent } from '../events.js';
import { member } from '../rpc/fake-host.js';
import { eventually } from '../running.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-handlers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const started: Started[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ handlers }) => handlers.stop()));
});

type Settings = Omit<Partial<HandlersConfig>, 'handlers'> & {
  readonly handlers?: readonly unknown[];
};

class Started {
  readonly log: string[] = [];
  readonly handlers: ScriptHandlers;
  tags: Tags = { role: 'web' };
  /** What queries were answered, as `7: text`. */
  readonly answers: string[] = [];
  /** Why an answer is refused. */
  refusal: string | undefined;
  readonly #file = join(folder, `written-${Math.random()}`);

  constructor() {
    this.handlers = new ScriptHandlers({
      localNode: () => ({ name: 'nodeA', tags: this.tags }),
      respond: async (query, payload) => {
        if (this.refusal !== undefined) throw new Error(this.refusal);
        this.answers.push(`${query}: ${Buffer.from(payload)}`);
      },
      log: (level: LogLevel, text: string) => this.log.push(`[${level}] ${text}`),
    });
  }

  /** A script's way to say something: `$(say) a1`. */
  say(word: string): string {
    return `echo ${word} >>${this.#file}`;
  }

  get said(): string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : [];
  }

  async saying(...words: string[]): Promise<void> {
    await eventually(
      () => this.said.join(' ') === words.join(' '),
      () => `${words} in ${this.said}\n${this.log.join('\n')}`,
    );
  }

  async logging(line: string): Promise<void> {
    await eventually(
      () => this.log.includes(line),
      () => `${line} in:\n${this.log.join('\n')}`,
    );
  }
}

async function start(configure: (started: Started) => Settings): Promise<Started> {
  const one = new Started();
  started.push(one);
  await one.handlers.replace(config(configure(one)));
  return one;
}

function config({ eventHandlers = [], eventHandlerTimeoutMs, handlers = [] }: Settings) {
  return {
    eventHandlers,
    eventHandlerTimeoutMs,
    handlers: handlers.map((entry) => handlerConfig(handlerSchema.parse(entry) as HandlerSettings)),
  };
}

describe('a script in Serf’s form', () => {
  test('gets the event, and what it writes goes to the log', async () => {
    const agent = await start(() => ({
      eventHandlers: ['user:deploy=cat; echo "$SERF_USER_EVENT"'],
    }));

    agent.handlers.take(userEvent('other', { text: 'no' }));
    agent.handlers.take(userEvent('deploy', { text: 'yes' }));

    await agent.logging("[DEBUG] agent: Event 'user' script output: yes\ndeploy\n");
    expect(agent.log).toHaveLength(1);
  });

  test('answers a query with all that it writes', async () => {
    const agent = await start(() => ({ eventHandlers: ['query:load=echo out; echo err >&2'] }));

    agent.handlers.take(incomingQuery('load', { query: 7 }));

    await eventually(() => agent.answers.length > 0);
    expect(agent.answers).toEqual(['7: out\nerr\n']);
  });

  test('that fails or writes nothing answers nothing', async () => {
    const agent = await start(() => ({
      eventHandlers: ['query=true', 'query=echo a; exit 3', 'query=echo b; kill -KILL $$'],
    }));

    agent.handlers.take(incomingQuery('load'));

    await agent.logging(
      "[ERR] agent: Error invoking script 'echo b; kill -KILL $$': signal: killed",
    );
    expect(agent.log).toEqual([
      "[DEBUG] agent: Event 'query' script output: ",
      "[DEBUG] agent: Event 'query' script output: a\n",
      "[ERR] agent: Error invoking script 'echo a; exit 3': exit status 3",
      "[DEBUG] agent: Event 'query' script output: b\n",
      "[ERR] agent: Error invoking script 'echo b; kill -KILL $$': signal: killed",
    ]);
    expect(agent.answers).toEqual([]);
  });

  test('whose answer is refused is told why', async () => {
    const agent = await start(() => ({ eventHandlers: ['query=echo a'] }));
    agent.refusal = 'failed to respond to key query: response already sent';

    agent.handlers.take(incomingQuery('big'));

    await agent.logging(`[WARN] agent: Failed to respond to query 'query: big': ${agent.refusal}`);
  });

  test('that is missing or must not be executed is an error, and nothing more', async () => {
    const plain = join(folder, 'plain.sh');
    writeFileSync(plain, 'echo never', { mode: 0o644 });
    const agent = await start((one) => ({
      eventHandlers: [`user=${plain}`, 'user=/nonexistent.sh', `user=${one.say('last')}`],
    }));

    agent.handlers.take(userEvent('u'));

    await agent.saying('last');
    expect(agent.log).toContain(`[ERR] agent: Error invoking script '${plain}': exit status 126`);
    expect(agent.log).toContain(
      "[ERR] agent: Error invoking script '/nonexistent.sh': exit status 127",
    );
  });

  test('keeps the last 8192 bytes, and says how many there were', async () => {
    const agent = await start(() => ({ eventHandlers: ['query=seq 1 3000'] }));

    agent.handlers.take(incomingQuery('q'));

    await agent.logging(
      "[WARN] agent: Script 'seq 1 3000' generated 13893 bytes of output, truncated to 8192",
    );
    await eventually(() => agent.answers.length > 0);
    expect(agent.answers[0]).toHaveLength('1: '.length + 8_192);
    expect(agent.answers[0]).toMatch(/\n3000\n$/);
  });

  test('that takes more than a second is told once', async () => {
    const agent = await start(() => ({ eventHandlers: ['user=sleep 1.3'] }));

    agent.handlers.take(userEvent('u'));

    await agent.logging("[DEBUG] agent: Event 'user' script output: ");
    expect(agent.log.filter((line) => line.includes('slow'))).toEqual([
      "[WARN] agent: Script 'sleep 1.3' slow, execution exceeding 1s",
    ]);
  });

  test('of two tags with one variable is told once', async () => {
    const agent = await start(() => ({ eventHandlers: ['user=echo $SERF_TAG_A_B'] }));
    agent.tags = { 'a-b': '1', 'a.b': '2' };

    for (const name of ['u1', 'u2']) agent.handlers.take(userEvent(name));

    await eventually(() => agent.log.length === 3);
    expect(agent.log[0]).toMatch(/^\[WARN\] agent: Tags 'a-b' and 'a\.b' are all SERF_TAG_A_B/);
    expect(agent.log[2]).toBe("[DEBUG] agent: Event 'user' script output: 2\n");
  });

  test('has no time-out, unless one is set', async () => {
    const agent = await start(() => ({
      eventHandlers: ['user=sleep 60'],
      eventHandlerTimeoutMs: 300,
    }));

    agent.handlers.take(userEvent('u'));

    await agent.logging(
      "[ERR] agent: Error invoking script 'sleep 60': ended, as it ran longer than 300ms",
    );
    expect(agent.handlers.counters()['event_handlers.timed_out']).toBe('1');
  });

  test('sees the tags as they are when its event’s turn comes', async () => {
    const agent = await start((one) => ({
      eventHandlers: [
        `user=sleep 0.3; ${one.say('$SERF_SELF_ROLE')}`,
        `user=${one.say('$SERF_SELF_ROLE')}`,
      ],
    }));
    agent.handlers.take(userEvent('u'));
    agent.handlers.take(userEvent('u'));

    agent.tags = { role: 'db' };

    await agent.saying('web', 'web', 'db', 'db');
  });
});

describe('the order of scripts in Serf’s form', () => {
  test('is the order of the list, one event after another', async () => {
    const agent = await start((one) => ({
      eventHandlers: [
        `user=${one.say('a1')}; sleep 0.3; ${one.say('a2')}`,
        `user,query=${one.say('b')}`,
        `member-join=${one.say('c')}`,
        `member-join,*=${one.say('d')}`,
      ],
    }));

    agent.handlers.take(userEvent('u1'));
    agent.handlers.take({ type: 'member-join', members: [member('m')] });
    agent.handlers.take(userEvent('u2'));

    await agent.saying('a1', 'a2', 'b', 'd', 'c', 'd', 'd', 'a1', 'a2', 'b', 'd');
  });

  test('is taken up by a new list with the next event', async () => {
    const agent = await start((one) => ({
      eventHandlers: [`user=sleep 0.3; ${one.say('old')}`, `user=${one.say('old')}`],
    }));
    agent.handlers.take(userEvent('u1'));
    agent.handlers.take(userEvent('u2'));

    await agent.handlers.replace(config({ eventHandlers: [`user=${agent.say('new')}`] }));

    await agent.saying('old', 'old', 'new');
    expect(agent.handlers.eventHandlers()).toEqual({ 'user:': agent.say('new') });
  });

  test('is gone with an empty list', async () => {
    const agent = await start((one) => ({ eventHandlers: [`user=${one.say('old')}`] }));

    await agent.handlers.replace(config({}));
    agent.handlers.take(userEvent('u'));
    await agent.handlers.replace(config({ eventHandlers: [`user=${agent.say('new')}`] }));
    agent.handlers.take(userEvent('u'));

    await agent.saying('new');
  });
});

describe('an entry of handlers:', () => {
  test('runs beside the others, and a script that hangs stops nobody else', async () => {
    const agent = await start((one) => ({
      eventHandlers: ['*=sleep 60'],
      handlers: [
        { script: 'sleep 60', on: '*' },
        { script: one.say('ok'), on: ['user', '*'] },
      ],
    }));

    for (const name of ['a', 'b', 'c']) agent.handlers.take(userEvent(name));

    await agent.saying('ok', 'ok', 'ok');
    expect(agent.handlers.counters()).toMatchObject({
      'event_handlers.running': '1',
      'event_handlers.waiting': '2',
      'sleep 60.running': '1',
      'sleep 60.waiting': '2',
    });
  });

  test('runs only while the tags of this node match', async () => {
    const agent = await start((one) => ({
      handlers: [
        { script: one.say('web'), on: 'user', where: { role: 'w.b|proxy', dc: '' } },
        { script: one.say('db'), on: 'user', where: { role: 'db' } },
      ],
    }));

    agent.handlers.take(userEvent('u'));
    await agent.saying('web');
    agent.tags = { role: 'db' };
    agent.handlers.take(userEvent('u'));

    await agent.saying('web', 'db');
  });

  test('works off as many events at a time as it may', async () => {
    const agent = await start(() => ({
      handlers: [{ name: 'n', script: 'sleep 0.5', on: 'user', concurrency: 2 }],
    }));

    for (const name of ['a', 'b', 'c', 'd', 'e']) agent.handlers.take(userEvent(name));

    expect(agent.handlers.counters()).toMatchObject({ 'n.running': '2', 'n.waiting': '3' });
    await eventually(() => agent.handlers.counters()['n.succeeded'] === '5');
    expect(agent.handlers.counters()).toMatchObject({ 'n.running': '0', 'n.waiting': '0' });
  });

  test('drops and counts what finds no room', async () => {
    const agent = await start(() => ({
      handlers: [{ name: 'n', script: 'sleep 0.5; cat', on: 'user', queue: 2 }],
    }));

    for (const text of ['1', '2', '3', '4', '5']) agent.handlers.take(userEvent('u', { text }));

    expect(agent.log).toEqual(["[WARN] agent: Dropping events for handler 'n': too many wait"]);
    await agent.logging("[DEBUG] agent: Event 'user' script output: 3\n");
    await eventually(() => agent.handlers.counters()['n.succeeded'] === '3');
    expect(agent.handlers.counters()['n.dropped']).toBe('2');
    await agent.handlers.stop();
    expect(agent.log.at(-1)).toBe("[WARN] agent: Dropped 2 events for handler 'n'");
  });

  test('is tried again when it fails, in order, before the next event', async () => {
    const agent = await start((one) => ({
      handlers: [
        {
          name: 'n',
          script: `read line; ${one.say('$line')}; test $(wc -l <${join(folder, 'tries')}; echo >>${join(folder, 'tries')}) -ge 2`,
          on: 'user',
          retry: { attempts: 5, delay: '10ms' },
        },
      ],
    }));
    writeFileSync(join(folder, 'tries'), '');

    agent.handlers.take(userEvent('u', { text: 'first' }));
    agent.handlers.take(userEvent('u', { text: 'second' }));

    await agent.saying('first', 'first', 'first', 'second');
    await eventually(() => agent.handlers.counters()['n.succeeded'] === '2');
    expect(agent.handlers.counters()).toMatchObject({ 'n.failed': '2', 'n.retried': '2' });
  });

  test('is given up after its last attempt, and a query after its deadline', async () => {
    const agent = await start(() => ({
      handlers: [
        {
          name: 'n',
          script: 'false',
          on: ['user', 'query'],
          retry: { attempts: 2, delay: '10ms' },
        },
      ],
    }));

    agent.handlers.take(userEvent('u'));
    agent.handlers.take(incomingQuery('q', { deadline: Date.now() - 1 }));

    await eventually(() => agent.handlers.counters()['n.failed'] === '4');
    await eventually(() => agent.handlers.counters()['n.running'] === '0');
    expect(agent.handlers.counters()['n.retried']).toBe('2');
    expect(agent.log.filter((line) => line.includes('gave up'))).toEqual([
      "[ERR] agent: handler 'n' failed 3 times and gave up on user-event: u",
      "[ERR] agent: handler 'n' failed once and gave up on query: q",
    ]);
  });

  test('is ended with all that it started when its time is over', async () => {
    const file = join(folder, 'grandchild');
    const agent = await start((one) => ({
      handlers: [
        {
          name: 'n',
          script: `sleep 60 & echo $! >${file}; wait`,
          on: 'user:hang',
          timeout: '300ms',
        },
        { script: one.say('next'), on: 'user' },
      ],
    }));

    agent.handlers.take(userEvent('hang'));

    await agent.logging(
      "[ERR] agent: Error invoking script 'n': ended, as it ran longer than 300ms",
    );
    await eventually(() => !isRunning(Number(readFileSync(file, 'utf8'))));
    await agent.saying('next');
    expect(agent.handlers.counters()['n.timed_out']).toBe('1');
  });

  test('needs no shell', async () => {
    const agent = await start(() => ({
      handlers: [
        { script: ['printf', '%s %s\\n', '$SERF_EVENT', '*'], on: 'user' },
        { script: ['/nonexistent/program'], on: 'user' },
      ],
    }));

    agent.handlers.take(userEvent('u'));

    await agent.logging("[DEBUG] agent: Event 'user' script output: $SERF_EVENT *\n");
    await eventually(() => agent.log.some((line) => line.includes("'/nonexistent/program'")));
  });

  test('answers with as much as it may keep', async () => {
    const agent = await start(() => ({
      handlers: [
        { script: 'head -c 100000 /dev/zero | tr "\\0" x', on: 'query', output_limit: 200_000 },
      ],
    }));

    agent.handlers.take(incomingQuery('q'));

    await eventually(() => agent.answers.length > 0);
    expect(agent.answers[0]).toBe(`1: ${'x'.repeat(100_000)}`);
  });

  test('keeps its queue over a reload that leaves it as it is, and is retired by one that does not', async () => {
    const slow = (one: Started) => ({
      name: 'slow',
      script: `sleep 0.5; ${one.say('slow')}`,
      on: 'user',
    });
    const agent = await start((one) => ({ handlers: [slow(one)] }));
    agent.handlers.take(userEvent('1'));
    agent.handlers.take(userEvent('2'));

    await agent.handlers.replace(
      config({ handlers: [{ script: agent.say('other'), on: 'query' }, slow(agent)] }),
    );
    await agent.saying('slow', 'slow');
    await eventually(() => agent.handlers.counters()['slow.running'] === '0');
    agent.handlers.take(userEvent('3'));
    agent.handlers.take(userEvent('4'));
    await agent.handlers.replace(config({}));

    await agent.saying('slow', 'slow', 'slow');
    expect(agent.log).toContain(
      "[WARN] agent: handler 'slow' was removed, and 1 event that waited for it",
    );
  });

  test('with a pattern that is none leaves everything as it was', async () => {
    const agent = await start((one) => ({ eventHandlers: [`user=${one.say('old')}`] }));
    const broken = config({ handlers: [{ script: 'x', on: 'user', where: { role: '[' } }] });

    await expect(agent.handlers.replace(broken)).rejects.toThrow(
      'error parsing regexp: missing closing ]',
    );

    agent.handlers.take(userEvent('u'));
    await agent.saying('old');
  });
});

describe('when everything ends', () => {
  test('scripts of Serf’s form go on, and of the others nothing is left', async () => {
    const [theirs, ours] = [join(folder, 'theirs'), join(folder, 'ours')];
    const agent = await start(() => ({
      eventHandlers: [`user=sleep 60 & echo $! >${theirs}; wait`],
      handlers: [{ script: `sleep 60 & echo $! >${ours}; wait`, on: 'user' }],
    }));
    agent.handlers.take(userEvent('u'));
    const written = (file: string) => existsSync(file) && readFileSync(file, 'utf8') !== '';
    await eventually(() => written(theirs) && written(ours));

    await agent.handlers.stop();

    expect(isRunning(Number(readFileSync(ours, 'utf8')))).toBe(false);
    const left = Number(readFileSync(theirs, 'utf8'));
    expect(isRunning(left)).toBe(true);
    process.kill(left);
  });

  test('what waited is dropped, and nothing is taken any more', async () => {
    const agent = await start((one) => ({
      eventHandlers: [`user=sleep 0.3; ${one.say('theirs')}`],
      handlers: [{ script: `sleep 60; ${one.say('ours')}`, on: 'user', retry: { attempts: 9 } }],
    }));
    for (const name of ['a', 'b']) agent.handlers.take(userEvent(name));
    await eventually(() => agent.handlers.counters()['event_handlers.running'] === '1');

    await agent.handlers.stop();
    agent.handlers.take(userEvent('c'));

    await agent.handlers.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(agent.said.filter((word) => word === 'theirs').length).toBeLessThanOrEqual(1);
    expect(agent.said).not.toContain('ours');
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
