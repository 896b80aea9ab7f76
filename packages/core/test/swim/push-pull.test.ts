import { describe, expect, test } from 'vitest';
import type { SwimOutput } from '../../src/swim/output.js';
import type { PushPullNode } from '../../src/wire/messages.js';
import {
  aliveOf,
  bytes,
  codesIn,
  deadOf,
  drainGossip,
  type Engine,
  endpoint,
  engineWith,
  mappedAddress,
  noBytes,
  nodeOf,
  noticesIn,
  quietEngineWith,
  suspectOf,
  versions,
} from './engine-under-test.js';

const exchange = 5;

function merge(
  engine: Engine,
  nodes: readonly PushPullNode[],
  { join = false, userState = noBytes } = {},
): SwimOutput[] {
  const state = { join, nodes, userState };
  return engine.feed({ type: 'pushPullAnswer', exchange, join, state });
}

const merged = { type: 'pushPullMerged', exchange, refusal: undefined };

describe('a merge', () => {
  test('learns who is alive', () => {
    const engine = quietEngineWith(['b']);

    const outputs = merge(engine, [nodeOf('b', 2), nodeOf('c', 3, { incarnation: 4 })]);

    expect(outputs).toEqual([{ type: 'joined', member: engine.swim.member('c') }, merged]);
  });

  test('takes over who left', () => {
    const engine = quietEngineWith(['b']);

    const outputs = merge(engine, [nodeOf('b', 2, { state: 'left' })]);

    expect(outputs).toEqual([{ type: 'departed', member: engine.swim.member('b') }, merged]);
    expect(engine.swim.member('b')?.state).toBe('left');
  });

  test.each(['dead', 'suspect'] as const)('makes who is %s there a suspect of its own', (state) => {
    const engine = quietEngineWith(['b']);

    const outputs = merge(engine, [nodeOf('b', 2, { state, incarnation: 3 })]);

    expect(noticesIn(outputs)).toEqual([]);
    expect(engine.swim.member('b')).toMatchObject({ state: 'suspect', incarnation: 3 });
    expect(drainGossip(engine)).toContainEqual(suspectOf('b', 3, 'self'));
  });

  test('learns of nobody who isn’t alive', () => {
    const engine = quietEngineWith(['b']);
    const states = ['dead', 'left', 'suspect', 'unknown'] as const;

    const outputs = merge(
      engine,
      states.map((state) => nodeOf(state, 7, { state })),
    );

    expect(outputs).toEqual([merged]);
    expect(engine.swim.memberCount).toBe(2);
  });

  test.each(['dead', 'suspect', 'left', 'alive'] as const)(
    'that holds this node as %s at a higher incarnation makes it rise above that',
    (state) => {
      const engine = quietEngineWith(['b']);

      merge(engine, [nodeOf('self', 1, { state, incarnation: 40 })]);

      expect(engine.swim.local).toMatchObject({ state: 'alive', incarnation: 41 });
    },
  );

  test('that holds this node under the other address form makes it answer in that form', () => {
    const engine = quietEngineWith(['b']);
    const held = nodeOf('self', 1, { state: 'dead', incarnation: 9, address: mappedAddress(1) });

    merge(engine, [held]);

    const refutation = aliveOf('self', 1, { incarnation: 10, address: mappedAddress(1) });
    expect(drainGossip(engine)).toContainEqual(refutation);
  });

  test('hands the state of the layer above on, after the members', () => {
    const engine = quietEngineWith([]);

    const outputs = merge(engine, [nodeOf('b', 2)], { join: true, userState: bytes('state') });

    expect(outputs).toEqual([
      { type: 'joined', member: engine.swim.member('b') },
      { type: 'userState', state: bytes('state'), join: true, exchange },
      merged,
    ]);
  });
});

describe('a merge is refused whole', () => {
  const strange = { ...versions, protocolMin: 3, protocolMax: 5, protocolCurrent: 3 };

  test('when somebody alive speaks a version that others don’t understand', () => {
    const engine = quietEngineWith(['b']);
    const nodes = [nodeOf('c', 3), nodeOf('d', 4, { versions: strange })];

    const outputs = merge(engine, nodes, { userState: bytes('x') });

    expect(outputs.at(-1)).toMatchObject({ type: 'pushPullMerged', refusal: expect.any(String) });
    expect(codesIn(outputs)).toEqual(['mergeRefused']);
    expect(engine.swim.memberCount).toBe(2);
  });

  test('but not for the versions of the dead', () => {
    const engine = quietEngineWith(['b']);
    const nodes = [nodeOf('c', 3), nodeOf('d', 4, { versions: strange, state: 'dead' })];

    expect(merge(engine, nodes).at(-1)).toEqual(merged);
    expect(engine.swim.member('c')?.state).toBe('alive');
  });

  test('when the layer above says no to a join, which it isn’t asked about otherwise', () => {
    const engine = quietEngineWith(['b'], {}, { mergeVerdict: () => 'not our cluster' });

    const refused = merge(engine, [nodeOf('c', 3)], { join: true });
    expect(refused).toEqual([
      { type: 'report', code: 'mergeRefused', reason: 'not our cluster' },
      { type: 'pushPullMerged', exchange, refusal: 'not our cluster' },
    ]);

    merge(engine, [nodeOf('c', 3)]);
    expect(engine.swim.member('c')?.state).toBe('alive');
  });
});

describe('a request', () => {
  test('is answered with what was known before it', () => {
    const engine = quietEngineWith(['b'], {}, { localState: (join) => bytes(`join ${join}`) });
    engine.hear(deadOf('b', 1, 'x'));
    const state = { join: true, nodes: [nodeOf('c', 3)], userState: noBytes };

    const outputs = engine.feed({ type: 'pushPullRequest', exchange, state, from: endpoint(3) });

    expect(outputs.map(({ type }) => type)).toEqual(['pushPullSend', 'joined', 'pushPullMerged']);
    const [send] = outputs;
    if (send?.type !== 'pushPullSend') throw new Error('no answer');
    expect(send).toMatchObject({ exchange, state: { join: true, userState: bytes('join true') } });
    expect(send.state.nodes).toHaveLength(2);
    expect(send.state.nodes).toEqual(
      expect.arrayContaining([nodeOf('self', 1), nodeOf('b', 2, { state: 'dead' })]),
    );
  });
});

test('a dialled stream gets the state of that moment', () => {
  const engine = quietEngineWith(['b']);

  const outputs = engine.feed({ type: 'pushPullReady', exchange, join: true });

  expect(outputs).toMatchObject([{ type: 'pushPullSend', exchange, state: { join: true } }]);
});

describe('the loop', () => {
  const pushPullOnly = { probeIntervalMs: 0, gossipIntervalMs: 0 };
  const partners = (outputs: readonly SwimOutput[]) =>
    outputs.flatMap((output) => (output.type === 'pushPull' ? output.node : []));

  test('begins at random, then takes one living member per interval', () => {
    const engine = engineWith(['b', 'dead', 'suspect'], pushPullOnly);
    engine.hear(deadOf('dead', 1, 'x'));
    engine.hear(suspectOf('suspect', 1, 'x'));

    const outputs = engine.runUntil(300_000);

    expect(partners(outputs)).toEqual(Array.from({ length: 10 }, () => 'b'));
    expect(outputs).toContainEqual({
      type: 'pushPull',
      to: endpoint(2),
      node: 'b',
      join: false,
    });
  });

  test('is slower in a larger cluster', () => {
    const names = Array.from({ length: 39 }, (_, index) => `node-${index}`);
    const engine = engineWith(names, pushPullOnly);

    expect(partners(engine.runUntil(300_000))).toHaveLength(5);
  });

  test('skips a turn when nobody is there', () => {
    expect(partners(engineWith([], pushPullOnly).runUntil(300_000))).toEqual([]);
  });
});
