import { expect, test } from 'vitest';
import { origin } from '../../src/coordinates/coordinate.js';
import { Coordinates } from '../../src/coordinates/coordinates.js';
import { encodePingPayload } from '../../src/coordinates/ping-payload.js';

const half = () => 0.5;
const there = { ...origin, vec: [0.02, 0, 0, 0, 0, 0, 0, 0], error: 0.5 };

test('a node knows its own place from the start, and nobody else', () => {
  const coordinates = new Coordinates('self', half);

  expect(coordinates.get('self')).toEqual(origin);
  expect(coordinates.get('b')).toBeUndefined();
  expect(coordinates.payload).toEqual(encodePingPayload(origin));
});

test('weakness 3: a node that was somewhere goes on from there', () => {
  const coordinates = new Coordinates('self', half, there);

  expect(coordinates.get('self')).toEqual(there);
  expect(coordinates.payload).toEqual(encodePingPayload(there));
});

test('an answered ping moves this node, and shows both places', () => {
  const coordinates = new Coordinates('self', half);

  const lesson = coordinates.learn('b', 40, encodePingPayload(there));

  expect(lesson).toMatchObject({ type: 'learnt' });
  expect(lesson.type === 'learnt' && lesson.movedMs).toBeGreaterThan(0);
  expect(coordinates.get('b')).toEqual(there);
  expect(coordinates.get('self')).not.toEqual(origin);
  const own = coordinates.get('self');
  expect(own && encodePingPayload(own)).toEqual(coordinates.payload);
});

test('a coordinate that cannot be is counted, and nothing is kept of it', () => {
  const coordinates = new Coordinates('self', half);
  const far = { ...origin, vec: [1e308, 0, 0, 0, 0, 0, 0, 0] };

  expect(coordinates.learn('b', 40, encodePingPayload(far))).toMatchObject({ type: 'rejected' });
  expect(coordinates.learn('b', 11_000, encodePingPayload(there))).toMatchObject({
    type: 'rejected',
  });

  expect(coordinates.rejected).toBe(2);
  expect(coordinates.get('b')).toBeUndefined();
  expect(coordinates.get('self')).toEqual(origin);
});

test('a payload of another version is unreadable', () => {
  const coordinates = new Coordinates('self', half);

  expect(coordinates.learn('b', 40, Uint8Array.of(2, 0x80))).toMatchObject({ type: 'unreadable' });
  expect(coordinates.get('self')).toEqual(origin);
});

test('an erased member is forgotten with its round trips; this node never forgets itself', () => {
  const coordinates = new Coordinates('self', half);
  coordinates.learn('b', 40, encodePingPayload(there));

  coordinates.forget('b');
  coordinates.forget('self');

  expect(coordinates.get('b')).toBeUndefined();
  expect(coordinates.get('self')).toBeDefined();
});
