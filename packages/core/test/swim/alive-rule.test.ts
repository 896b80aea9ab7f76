import { describe, expect, test } from 'vitest';
import {
  address,
  aliveOf,
  bytes,
  codesIn,
  deadOf,
  drainGossip,
  endpoint,
  mappedAddress,
  noticesIn,
  packetsIn,
  quietEngineWith,
  suspectOf,
  versions,
} from './engine-under-test.js';

describe('an alive message about somebody new', () => {
  test('adds a member, tells the layer above and is gossiped on', () => {
    const engine = quietEngineWith([]);
    const alive = aliveOf('b', 2, { meta: bytes('m'), incarnation: 7 });

    const outputs = engine.hear(alive);

    const member = {
      name: 'b',
      address: address(2),
      port: 7946,
      endpoint: endpoint(2),
      meta: bytes('m'),
      incarnation: 7,
      state: 'alive',
      stateChangeMs: 0,
      versions,
    };
    expect(outputs).toEqual([{ type: 'joined', member }]);
    expect(engine.swim.member('b')).toEqual(member);
    expect(drainGossip(engine)).toContainEqual(alive);
  });

  test('is refused when the list is full, and counted', () => {
    const engine = quietEngineWith(['b'], { memberLimit: 2 });

    expect(codesIn(engine.hear(aliveOf('c', 3)))).toEqual(['refused']);
    expect(engine.swim.memberCount).toBe(2);
    expect(engine.swim.refusals).toEqual({ memberLimit: 1 });
  });

  test('is refused when the layer above says no', () => {
    const aliveVerdict = ({ name }: { name: string }) => (name === 'c' ? 'not ours' : undefined);
    const engine = quietEngineWith(['b'], {}, { aliveVerdict });

    expect(engine.hear(aliveOf('c', 3))).toEqual([
      { type: 'report', code: 'refused', reason: 'veto', detail: 'c: not ours' },
    ]);
    expect(engine.swim.member('c')).toBeUndefined();
  });
});

describe('an alive message about a member at its address', () => {
  test('with no higher incarnation leads to nothing', () => {
    const engine = quietEngineWith(['b']);

    expect(engine.hear(aliveOf('b', 2, { meta: bytes('other') }))).toEqual([]);
    expect(engine.swim.member('b')?.meta).toHaveLength(0);
  });

  test('with a higher one and other metadata is an update', () => {
    const engine = quietEngineWith(['b']);

    const outputs = engine.hear(aliveOf('b', 2, { meta: bytes('new'), incarnation: 2 }));

    expect(outputs).toEqual([{ type: 'updated', member: engine.swim.member('b') }]);
  });

  test('with a higher one and nothing new raises no event', () => {
    const engine = quietEngineWith(['b']);

    expect(engine.hear(aliveOf('b', 2, { incarnation: 2 }))).toEqual([]);
    expect(engine.swim.member('b')?.incarnation).toBe(2);
  });

  test('leaves a suspect suspect unless the incarnation is higher', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(suspectOf('b', 1, 'c'));

    engine.hear(aliveOf('b', 2));
    expect(engine.swim.member('b')?.state).toBe('suspect');

    expect(noticesIn(engine.hear(aliveOf('b', 2, { incarnation: 2 })))).toEqual([]);
    expect(engine.swim.member('b')?.state).toBe('alive');
  });

  test('revives a dead one with a higher incarnation only', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 1, 'c'));

    expect(noticesIn(engine.hear(aliveOf('b', 2)))).toEqual([]);
    expect(engine.swim.member('b')?.state).toBe('dead');

    const outputs = engine.hear(aliveOf('b', 2, { incarnation: 2 }));
    expect(noticesIn(outputs)).toEqual([{ type: 'joined', member: engine.swim.member('b') }]);
  });
});

describe('an alive message with another address', () => {
  test('is a conflict while the member lives, also with a higher incarnation', () => {
    const engine = quietEngineWith(['b']);
    const existing = engine.swim.member('b');

    const outputs = engine.hear(aliveOf('b', 3, { incarnation: 9, meta: bytes('x') }));

    expect(outputs).toEqual([
      {
        type: 'conflict',
        existing,
        other: { name: 'b', address: address(3), port: 7946, meta: bytes('x') },
      },
      {
        type: 'report',
        code: 'conflict',
        node: 'b',
        existing: '10.0.0.2:7946',
        other: '10.0.0.3:7946',
        state: 'alive',
      },
    ]);
    expect(engine.swim.member('b')).toBe(existing);
  });

  test('is a conflict with another port, too, and after death', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 1, 'c'));

    const outputs = engine.hear(aliveOf('b', 2, { port: 7947, incarnation: 9 }));

    expect(noticesIn(outputs).map(({ type }) => type)).toEqual(['conflict']);
    expect(engine.swim.member('b')?.state).toBe('dead');
  });

  test('is taken for one that left', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(deadOf('b', 1, 'b'));

    const outputs = engine.hear(aliveOf('b', 3, { incarnation: 2 }));

    expect(noticesIn(outputs)).toEqual([{ type: 'joined', member: engine.swim.member('b') }]);
    expect(engine.swim.member('b')?.endpoint).toEqual(endpoint(3));
  });

  test('is taken for one that is dead for longer than the reclaim time', () => {
    const engine = quietEngineWith(['b', 'c'], { deadNodeReclaimMs: 5_000, probeIntervalMs: 0 });
    engine.hear(deadOf('b', 1, 'c'));

    engine.nowMs = 5_000;
    expect(noticesIn(engine.hear(aliveOf('b', 3, { incarnation: 2 })))[0]?.type).toBe('conflict');

    engine.nowMs = 5_001;
    expect(noticesIn(engine.hear(aliveOf('b', 3, { incarnation: 2 })))[0]?.type).toBe('joined');
  });
});

describe('an alive message about this node', () => {
  test('that is its own word comes to nothing', () => {
    const engine = quietEngineWith(['b']);

    expect(engine.hear(aliveOf('self', 1))).toEqual([]);
    expect(engine.swim.local.incarnation).toBe(1);
  });

  test('with a higher incarnation is refuted above it', () => {
    const engine = quietEngineWith(['b']);

    const outputs = engine.hear(aliveOf('self', 1, { incarnation: 50 }));

    expect(outputs).toEqual([
      { type: 'report', code: 'refuting', accusation: 'alive', from: '10.0.0.99:7946' },
    ]);
    expect(engine.swim.local.incarnation).toBe(51);
    expect(drainGossip(engine)).toContainEqual(aliveOf('self', 1, { incarnation: 51 }));
  });

  test('with other metadata or versions is refuted with its own', () => {
    const engine = quietEngineWith(['b'], {}, { nodeMeta: () => bytes('mine') });

    engine.hear(aliveOf('self', 1, { meta: bytes('theirs') }));
    engine.hear(
      aliveOf('self', 1, {
        incarnation: 2,
        meta: bytes('mine'),
        versions: { ...versions, delegateCurrent: 2 },
      }),
    );

    const refutation = aliveOf('self', 1, { incarnation: 3, meta: bytes('mine') });
    expect(drainGossip(engine)).toContainEqual(refutation);
  });

  test('of an earlier incarnation is ignored', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(suspectOf('self', 4, 'b'));

    expect(engine.hear(aliveOf('self', 1, { incarnation: 4, meta: bytes('old') }))).toEqual([]);
  });

  test('is ignored after it left', () => {
    const engine = quietEngineWith(['b']);
    engine.feed({ type: 'leave', token: 1, timeoutMs: 0 });

    expect(engine.hear(aliveOf('self', 1, { incarnation: 9 }))).toEqual([]);
    expect(engine.swim.local.state).toBe('left');
  });
});

describe('the two forms of an IPv4 address', () => {
  test('are one address: no conflict, and the latest form is kept', () => {
    const engine = quietEngineWith(['b']);

    const outputs = engine.hear(aliveOf('b', 2, { address: mappedAddress(2), incarnation: 2 }));

    expect(outputs).toEqual([]);
    expect(engine.swim.member('b')?.address).toEqual(mappedAddress(2));
    expect(engine.swim.member('b')?.endpoint).toEqual(endpoint(2));
  });

  test('of this node: the other form is taken over before refuting', () => {
    const engine = quietEngineWith(['b']);

    engine.hear(aliveOf('self', 1, { address: mappedAddress(1) }));

    const refutation = aliveOf('self', 1, { address: mappedAddress(1), incarnation: 2 });
    expect(drainGossip(engine)).toContainEqual(refutation);
  });
});

describe('the answer to a stale alive', () => {
  test('goes straight to the address it names, with the incarnation that is held', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 5, 'c'));

    const outputs = engine.hear(aliveOf('b', 2));

    expect(packetsIn(outputs)).toEqual([
      { to: endpoint(2), messages: [deadOf('b', 5, 'self')], checksum: true, probe: undefined },
    ]);
  });

  test('names the member itself when it left, and the address where it is now', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 5, 'b'));

    const outputs = engine.hear(aliveOf('b', 9));

    expect(packetsIn(outputs)).toMatchObject([
      { to: endpoint(9), messages: [deadOf('b', 5, 'b')] },
    ]);
  });

  test('is given once a second per name', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 5, 'c'));

    const times = [0, 500, 999, 1_000].map((atMs) => {
      engine.nowMs = atMs;
      return packetsIn(engine.hear(aliveOf('b', 2))).length;
    });

    expect(times).toEqual([1, 0, 0, 1]);
  });

  test('is not given about a member that lives', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(suspectOf('b', 1, 'c'));

    expect(packetsIn(engine.hear(aliveOf('b', 2)))).toEqual([]);
  });
});
