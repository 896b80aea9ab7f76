import { expect, test } from 'vitest';
import { Outbox } from '../../src/engine/outbox.js';
import type { EngineNotice } from '../../src/engine/protocol.js';
import type { MemberStatus, SerfMember } from '../../src/serf/member.js';

function member(name: string, status: MemberStatus): SerfMember {
  const versions = {
    protocolMin: 1,
    protocolMax: 5,
    protocolCurrent: 2,
    delegateMin: 2,
    delegateMax: 5,
    delegateCurrent: 5,
  };
  const endpoint = { host: '10.0.0.1', port: 1 };
  const address = Uint8Array.of(10, 0, 0, 1);
  return { name, address, port: 1, endpoint, tags: {}, status, versions };
}

const changed = (name: string, status: MemberStatus): EngineNotice => ({
  type: 'memberChanged',
  member: member(name, status),
});
const event = (name: string): EngineNotice => ({
  type: 'event',
  event: { type: 'member-join', members: [member(name, 'alive')] },
});
const log = (text: string): EngineNotice => ({ type: 'log', level: 'INFO', text });
const done: EngineNotice = { type: 'done', request: 1, result: { type: 'ok' } };

test('members come before the events about them, answers last', () => {
  const outbox = new Outbox();

  for (const notice of [done, log('x'), event('a'), changed('a', 'alive')]) outbox.add(notice);

  expect(outbox.take()).toEqual([changed('a', 'alive'), event('a'), log('x'), done]);
  expect(outbox.isEmpty).toBe(true);
  expect(outbox.take()).toEqual([]);
});

test('a member that changes a million times while nobody looks needs one entry, the latest', () => {
  const outbox = new Outbox();

  for (let change = 0; change < 1_000_000; change += 1) outbox.add(changed('a', 'failed'));
  outbox.add({ type: 'memberForgotten', name: 'a' });
  outbox.add(changed('b', 'alive'));
  outbox.add(changed('a', 'alive'));

  expect(outbox.take()).toEqual([changed('b', 'alive'), changed('a', 'alive')]);
});

test('events and lines are capped: the oldest go, and are counted; answers never go', () => {
  const outbox = new Outbox({ events: 3, logs: 2 });

  outbox.add(done);
  for (let index = 0; index < 10; index += 1) {
    outbox.add(event(`m${index}`));
    outbox.add(log(`l${index}`));
  }

  expect(outbox.take()).toEqual([
    event('m7'),
    event('m8'),
    event('m9'),
    log('l8'),
    log('l9'),
    done,
  ]);
  expect(outbox.eventsDropped).toBe(7);
  expect(outbox.logsDropped).toBe(8);
});

test('names and payloads of waiting events have a limit of their own', () => {
  const outbox = new Outbox({ eventBytes: 12 });
  const user = (name: string, bytes: number): EngineNotice => ({
    type: 'event',
    event: { type: 'user', ltime: 1, name, payload: new Uint8Array(bytes), coalesce: false },
  });

  for (const notice of [user('a', 4), event('m'), user('b', 4), user('c', 4)]) outbox.add(notice);

  expect(outbox.take()).toEqual([event('m'), user('b', 4), user('c', 4)]);
  expect(outbox.eventsDropped).toBe(1);
  outbox.add(user('d', 11));
  expect(outbox.take()).toEqual([user('d', 11)]);
  for (const name of ['first', 'second', 'third']) outbox.add(user(name, 0));
  expect(outbox.take()).toEqual([user('second', 0), user('third', 0)]);
});

test('answers to queries stay before the end of their query; beyond the limit the newest are dropped', () => {
  const outbox = new Outbox({ answers: 3, answerBytes: 10 });
  const ack = (from: string): EngineNotice => ({ type: 'queryAck', request: 1, from });
  const response = (from: string, bytes: number): EngineNotice => ({
    type: 'queryResponse',
    request: 1,
    from,
    payload: new Uint8Array(bytes),
  });
  const end: EngineNotice = {
    type: 'queryDone',
    request: 1,
    acks: 1,
    responses: 1,
    early: false,
  };

  const given = [done, ack('a'), response('a', 8), response('b', 3), ack('b'), ack('c'), end];
  for (const notice of given) outbox.add(notice);

  expect(outbox.take()).toEqual([done, ack('a'), response('a', 8), ack('b'), end]);
  expect(outbox.answersDropped).toBe(2);
  outbox.add(ack('d'));
  expect(outbox.take()).toEqual([ack('d')]);
});
