import { describe, expect, test } from 'vitest';
import {
  aliveOf,
  bytes,
  deadOf,
  drainGossip,
  engineWith,
  noticesIn,
  quietEngineWith,
  suspectOf,
} from './engine-under-test.js';

const token = 9;
const gossipOnly = { probeIntervalMs: 0, pushPullIntervalMs: 0 } as const;

describe('leaving', () => {
  test('is said to the others, and ends when it was said often enough', () => {
    const engine = engineWith(['b'], gossipOnly);

    const outputs = engine.feed({ type: 'leave', token, timeoutMs: 5_000 });
    const later = engine.runUntil(2_000);

    expect(outputs).toEqual([
      { type: 'schedule', timer: { type: 'broadcastWait', token }, atMs: 5_000 },
      { type: 'departed', member: engine.swim.local },
    ]);
    expect(engine.swim.local.state).toBe('left');
    expect(noticesIn(later)).toEqual([{ type: 'broadcastFinished', token, outcome: 'sent' }]);
    expect(noticesIn(engine.runUntil(10_000))).toEqual([]);
  });

  test('is gossiped in this node’s own name', () => {
    const engine = quietEngineWith(['b']);
    engine.feed({ type: 'leave', token, timeoutMs: 0 });

    expect(drainGossip(engine)).toContainEqual(deadOf('self', 1, 'self'));
  });

  test('ends with the time limit when nothing can be sent', () => {
    const engine = quietEngineWith(['b']);
    engine.feed({ type: 'leave', token, timeoutMs: 5_000 });
    engine.nowMs = 5_000;

    const outputs = engine.feed({ type: 'timer', timer: { type: 'broadcastWait', token } });

    expect(outputs).toEqual([{ type: 'broadcastFinished', token, outcome: 'timeout' }]);
  });

  test('without a limit sets no timer', () => {
    const engine = quietEngineWith(['b'], { probeIntervalMs: 0 });
    engine.feed({ type: 'leave', token, timeoutMs: 0 });

    expect(engine.alarms).toEqual([]);
  });

  test.each([[[]], [['gone']]])('with nobody to tell (%j) ends at once', (others) => {
    const engine = quietEngineWith(others);
    for (const name of others) engine.hear(deadOf(name, 1, 'x'));

    const outputs = engine.feed({ type: 'leave', token, timeoutMs: 5_000 });

    expect(noticesIn(outputs)).toContainEqual({
      type: 'broadcastFinished',
      token,
      outcome: 'alone',
    });
  });

  test('a second time has nothing to do', () => {
    const engine = quietEngineWith(['b']);
    engine.feed({ type: 'leave', token, timeoutMs: 0 });

    expect(engine.feed({ type: 'leave', token: 10, timeoutMs: 0 })).toEqual([
      { type: 'broadcastFinished', token: 10, outcome: 'sent' },
    ]);
  });

  test('is final: nobody brings this node back', () => {
    const engine = quietEngineWith(['b']);
    engine.feed({ type: 'leave', token, timeoutMs: 0 });

    engine.hear(aliveOf('self', 1, { incarnation: 9 }));
    engine.hear(suspectOf('self', 9, 'b'));
    engine.hear(deadOf('self', 9, 'b'));

    expect(engine.swim.local).toMatchObject({ state: 'left', incarnation: 1 });
  });
});

describe('new metadata', () => {
  test('is announced under a fresh incarnation, and the wait ends when it was sent', () => {
    let meta = bytes('old');
    const engine = engineWith(['b'], gossipOnly, { nodeMeta: () => meta });
    meta = bytes('new');

    const outputs = engine.feed({ type: 'updateMeta', token, timeoutMs: 5_000 });

    expect(noticesIn(outputs)).toEqual([{ type: 'updated', member: engine.swim.local }]);
    expect(engine.swim.local).toMatchObject({ incarnation: 2, meta: bytes('new') });
    expect(noticesIn(engine.runUntil(2_000))).toEqual([
      { type: 'broadcastFinished', token, outcome: 'sent' },
    ]);
  });

  test('of an earlier announcement is replaced, and its wait knows that', () => {
    const engine = quietEngineWith(['b']);
    engine.feed({ type: 'updateMeta', token: 1, timeoutMs: 0 });

    const outputs = engine.feed({ type: 'updateMeta', token: 2, timeoutMs: 0 });

    expect(noticesIn(outputs)).toContainEqual({
      type: 'broadcastFinished',
      token: 1,
      outcome: 'replaced',
    });
  });

  test('alone needs no wait', () => {
    const engine = quietEngineWith([]);

    expect(noticesIn(engine.feed({ type: 'updateMeta', token, timeoutMs: 5_000 }))).toEqual([
      { type: 'broadcastFinished', token, outcome: 'alone' },
    ]);
    expect(engine.swim.local.incarnation).toBe(2);
  });

  test('of more than 512 bytes is a mistake, said at once', () => {
    const engine = quietEngineWith(['b'], {}, { nodeMeta: () => noBytesYet });
    noBytesYet = new Uint8Array(513);

    expect(() => engine.feed({ type: 'updateMeta', token, timeoutMs: 0 })).toThrow('513 bytes');
  });

  test('after leaving is heard by nobody', () => {
    const engine = quietEngineWith(['b']);
    engine.feed({ type: 'leave', token, timeoutMs: 0 });

    expect(engine.feed({ type: 'updateMeta', token: 10, timeoutMs: 0 })).toEqual([
      { type: 'broadcastFinished', token: 10, outcome: 'pruned' },
    ]);
  });
});

let noBytesYet = new Uint8Array(0);
