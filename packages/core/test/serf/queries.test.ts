import { describe, expect, test } from 'vitest';
import type { Tags } from '../../src/serf/member.js';
import type { SerfOutput } from '../../src/serf/output.js';
import { Queries } from '../../src/serf/queries.js';
import { BroadcastQueue } from '../../src/swim/broadcast-queue.js';
import { encodeFilter, type QueryFilter } from '../../src/wire/filter.js';
import type { QueryMessage } from '../../src/wire/serf-messages.js';

/** The queries that one node hears, and what becomes of them. */
function queries(tags: Tags = { role: 'web' }) {
  const refused: string[] = [];
  const outputs: SerfOutput[] = [];
  const acked: number[] = [];
  const asked: QueryMessage[] = [];
  const internal: string[] = [];
  const known = new Queries({
    self: 'beta',
    tags: () => tags,
    queue: new BroadcastQueue({ retransmitMult: 4, limit: 1_000 }),
    answers: { ack: ({ id }) => acked.push(id) },
    open: { ask: (query) => asked.push(query) },
    internal: { answer: ({ name }) => internal.push(name) },
    emit: (output) => outputs.push(output),
    refuse: (detail) => refused.push(detail),
  });
  const take = (changes: Partial<QueryMessage>) => known.take({ ...query, ...changes }, 0);
  return { known, take, refused, outputs, acked, asked, internal };
}

const query: QueryMessage = {
  type: 'query',
  ltime: 1,
  id: 1,
  address: Uint8Array.of(10, 0, 0, 9),
  port: 7_946,
  sourceNode: 'alpha',
  filters: undefined,
  flags: 0,
  relayFactor: 0,
  timeout: 1e9,
  name: 'load',
  payload: undefined,
};

test('queries of one time differ by their id, and each is passed on once', () => {
  const { take } = queries();

  expect(take({ ltime: 1, id: 1, flags: 0 })).toBe(true);
  expect(take({ ltime: 1, id: 1, flags: 0 })).toBe(false);
  expect(take({ ltime: 1, id: 2, flags: 0 })).toBe(true);
  expect(take({ ltime: 1, id: 3, flags: 1 })).toBe(true);
});

test('a query that says so is not passed on, and is known from then on', () => {
  const { take } = queries();

  expect(take({ ltime: 1, id: 1, flags: 2 })).toBe(false);
  expect(take({ ltime: 1, id: 1, flags: 0 })).toBe(false);
});

test('a query at an absurd time is refused and leaves the clock alone (weakness 1)', () => {
  const { known, take, refused } = queries();

  expect(take({ ltime: 2 ** 64, id: 1, flags: 0 })).toBe(false);
  expect(known.clock.time).toBe(0);
  expect(refused).toHaveLength(1);
});

test('a query far behind the clock is dropped, reported and counted', () => {
  const { known, take, outputs, refused, asked } = queries();
  known.clock.witness(1_512);

  expect(take({ ltime: 1_000 })).toBe(false);
  expect(take({ ltime: 1_001 })).toBe(true);
  expect(asked.map(({ ltime }) => ltime)).toEqual([1_001]);
  expect(refused).toEqual([]);
  expect(outputs).toEqual([
    {
      type: 'report',
      code: 'tooOld',
      kind: 'query',
      name: 'load',
      ltime: 1_000,
      clockTime: 1_513,
    },
  ]);
  expect(known.tooOld).toBe(1);
});

test('a query of a name that no member can have is refused: it would be kept with thousands like it', () => {
  const { take, asked, refused } = queries();

  expect(take({ sourceNode: 'x'.repeat(513), flags: 0 })).toBe(false);
  expect(refused).toHaveLength(1);
  expect(take({ sourceNode: 'x'.repeat(512), flags: 0 })).toBe(true);
  expect(asked).toHaveLength(1);
});

test('one time holds so many queries, and the rest is refused', () => {
  const { take, refused } = queries();

  const taken = Array.from({ length: 2_000 }, (_, id) => take({ ltime: 1, id, flags: 0 }));

  expect(taken.filter(Boolean)).toHaveLength(1_024);
  expect(refused).toHaveLength(2_000 - 1_024);
});

test('a query that is for this node is acked where acks are wanted, and handed to the application', () => {
  const { take, acked, asked } = queries();

  take({ id: 1, flags: 1 });
  take({ id: 2, flags: 0 });

  expect(acked).toEqual([1]);
  expect(asked.map(({ id }) => id)).toEqual([1, 2]);
});

test('queries of the reserved prefix never reach the application', () => {
  const { take, asked, internal } = queries();

  take({ name: '_serf_ping' });

  expect(asked).toEqual([]);
  expect(internal).toEqual(['_serf_ping']);
});

test('queries before the minimum are dropped without a word', () => {
  const { known, take, asked, refused } = queries();
  known.ignoreBefore(5);

  expect(take({ ltime: 4 })).toBe(false);
  expect(take({ ltime: 5 })).toBe(true);

  expect(asked.map(({ ltime }) => ltime)).toEqual([5]);
  expect(refused).toEqual([]);
});

describe('filters', () => {
  const byNode = (...nodes: string[]): QueryFilter => ({ type: 'node', nodes });
  const byTag = (tag: string, expression: string): QueryFilter => ({
    type: 'tag',
    tag,
    expression,
  });

  test.each([
    [[byNode('alpha', 'beta')], true],
    [[byNode('alpha')], false],
    [[byNode()], false],
    [[byTag('role', '^w')], true],
    [[byTag('role', 'e')], true],
    [[byTag('role', 'db')], false],
    [[byTag('dc', '.*')], true],
    [[byTag('dc', '^$')], true],
    [[byTag('dc', '.')], false],
    [[byTag('__proto__', '^$')], true],
    [[byTag('constructor', '^$')], true],
    [[byNode('beta'), byTag('role', 'web')], true],
    [[byNode('beta'), byTag('role', 'db')], false],
  ])('%j: %s', (filters, isForUs) => {
    const { take, asked } = queries();

    const isPassedOn = take({ filters: filters.map(encodeFilter) });

    expect(asked.length === 1).toBe(isForUs);
    expect(isPassedOn).toBe(true);
  });

  test('what cannot be read matches nobody, is counted, and the query still spreads', () => {
    const { take, asked, refused } = queries();
    const garbage = [[0], [1, 0xc1], [7, 0x90], [1], [0, 0xdd, 0xff, 0xff, 0xff, 0xff]];

    for (const [index, bytes] of garbage.entries()) {
      expect(take({ id: index, filters: [Uint8Array.from(bytes)] })).toBe(true);
    }

    expect(asked).toEqual([]);
    expect(refused).toHaveLength(garbage.length);
  });

  test.each([
    'n[',
    '(?=a)',
    '(a)\\1',
    '(a{1000}){1000}',
    'x{999}y{999}',
    '\\pL{400}'.repeat(3),
    '\\pL'.repeat(65),
    `(?i)${'[a-\\x{10ffff}]'.repeat(9)}`,
    'a'.repeat(1_025),
  ])('the expression %j matches nobody, and says why', (expression) => {
    const { take, asked, outputs } = queries();

    take({ filters: [encodeFilter(byTag('role', expression))] });

    expect(asked).toEqual([]);
    expect(outputs).toMatchObject([{ type: 'report', code: 'badExpression', expression }]);
  });

  test.each(['(?i)^WEB$', '^(web|db|cache)$', '(?i)[v-x][d-f]b', '[a-z]{3}', '^.{0,255}$'])(
    'the expression %j is an ordinary one',
    (expression) => {
      const { take, asked, outputs } = queries();

      take({ filters: [encodeFilter(byTag('role', expression))] });

      expect(asked).toHaveLength(1);
      expect(outputs).toEqual([]);
    },
  );

  test('an expression that would take other engines years takes no time', () => {
    const { take, asked } = queries({ role: 'a'.repeat(500) });
    const startedMs = performance.now();

    for (let id = 0; id < 50; id += 1) {
      take({ id, filters: [encodeFilter(byTag('role', '^(a+)+b$'))] });
    }

    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(asked).toEqual([]);
  });

  test('many expressions that are cheap one by one may cost no more than one together', () => {
    const { take, asked, outputs } = queries({ role: 'a'.repeat(500) });
    const costly = encodeFilter(byTag('role', 'a{90}'));

    take({ id: 1, filters: [costly] });
    take({ id: 2, filters: Array.from({ length: 10 }, () => costly) });

    expect(asked.map(({ id }) => id)).toEqual([1]);
    expect(outputs).toMatchObject([{ code: 'badExpression' }]);
  });
});
