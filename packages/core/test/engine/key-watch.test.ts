import { expect, test } from 'vitest';
import { KeyWatch } from '../../src/engine/key-watch.js';
import { Keyring } from '../../src/wire/keyring.js';

const own = { host: '10.0.0.1', port: 7946 };
const peer = { host: '10.0.0.5', port: 7946 };
const other = { host: '10.0.0.6', port: 7946 };

function setUp(...keys: number[]) {
  const lines: string[] = [];
  const ring = keys.map((byte) => new Uint8Array(16).fill(byte));
  const watch = new KeyWatch({
    keyring: new Keyring(ring, ring[0]),
    own,
    nameAt: ({ host }) => (host === peer.host ? 'web-2' : undefined),
    log: ({ level, text }) => lines.push(`${level} ${text}`),
  });
  return { watch, lines };
}

test('a node that understands nobody says so once a minute, which keys fail, and how it is repaired', () => {
  const { watch, lines } = setUp(1, 2);

  for (let nowMs = 0; nowMs < 130_000; nowMs += 1_000) {
    watch.opened(own, nowMs);
    watch.failed(nowMs % 2_000 === 0 ? peer : other, nowMs);
  }

  // printf AQEBAQEBAQEBAQEBAQEBAQ== | base64 -d | sha256sum
  expect(lines[0]).toBe(
    'ERR serf: no key of this node opens 21 messages from web-2 (10.0.0.5:7946) and 1 more ' +
      '(primary sha256:cc8cd41c, also sha256:292afde3). This node understands nobody: it seems to have missed a ' +
      "change of keys. On this node, install and use the key that is the others' primary " +
      "('tserf keys -install=KEY', then 'tserf keys -use=KEY'), and join again",
  );
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('opens 60 messages from');
  expect(watch.failures).toBe(130);
  expect(watch.isIsolated(130_000)).toBe(true);
});

test('a node that understands the others knows that the one it does not understand is at fault', () => {
  const { watch, lines } = setUp(1);

  for (let nowMs = 0; nowMs <= 40_000; nowMs += 5_000) {
    watch.opened(other, nowMs);
    watch.failed(peer, nowMs + 1);
  }

  expect(lines).toEqual([expect.stringContaining('(its only key sha256:')]);
  expect(lines[0]).toContain('That one seems to have missed a change of keys, if it belongs');
  expect(watch.isIsolated(45_000)).toBe(false);
});

test('what is still under way while keys are changed is counted and worth no line', () => {
  const { watch, lines } = setUp(1);

  watch.opened(peer, 0);
  for (let nowMs = 0; nowMs < 3_000; nowMs += 100) watch.failed(peer, nowMs);
  watch.opened(peer, 3_000);

  expect(lines).toEqual([]);
  expect(watch.failures).toBe(30);
  expect(watch.isIsolated(30_000)).toBe(false);
});

test('an isolation is over when something of another is opened, and a stray message is forgotten', () => {
  const { watch } = setUp(1);
  watch.failed(peer, 0);
  expect(watch.isIsolated(1_000)).toBe(false);
  watch.failed(peer, 25_000);
  expect(watch.isIsolated(25_000)).toBe(true);

  watch.opened(peer, 26_000);
  expect(watch.isIsolated(60_000)).toBe(false);

  watch.failed(peer, 2_000_000);
  watch.failed(peer, 2_030_000);
  expect(watch.isIsolated(2_030_000)).toBe(true);
  expect(watch.isIsolated(2_700_000)).toBe(false);
});
