import type { Question } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { answersTo, DiscoveryError, isSameName, service } from '../../src/discovery/service.js';

const web = service({
  cluster: 'clu',
  node: 'web.1',
  machine: 'vm',
  host: '10.0.0.1',
  port: 7_946,
});

const ask = (name: string, type: string) => answersTo({ name, type } as Question, web);
const types = (name: string, type: string) => ask(name, type).map((answer) => answer.type);

describe('a service', () => {
  test('has the names and texts that Serf gives it', () => {
    expect(web).toEqual({
      name: '_serf_clu._tcp.local',
      instance: 'web.1._serf_clu._tcp.local',
      hostName: 'vm',
      host: '10.0.0.1',
      port: 7_946,
      description: "Serf 'clu' cluster",
    });
  });

  test('is refused for a cluster whose name fits into no DNS label', () => {
    const facts = { node: 'a', machine: 'vm', host: '10.0.0.1', port: 1 };

    expect(() => service({ ...facts, cluster: 'c'.repeat(58) })).toThrow(DiscoveryError);
    expect(() => service({ ...facts, cluster: '.' })).toThrow(/use at most 57 bytes/);
    expect(service({ ...facts, cluster: 'c'.repeat(57) }).name).toHaveLength(74);
  });

  test('cuts what DNS has no room for, between characters, and leaves empty labels out', () => {
    const named = (node: string) =>
      service({ cluster: 'c', node, machine: 'vm', host: '10.0.0.1', port: 1 }).instance;

    expect(named('ü'.repeat(40))).toBe(`${'ü'.repeat(31)}._serf_c._tcp.local`);
    expect(named('..a...b.')).toBe('a.b._serf_c._tcp.local');
    expect(named('...')).toBe('node._serf_c._tcp.local');
    expect(Buffer.byteLength(named('label.'.repeat(100)))).toBeLessThanOrEqual(253);
  });
});

describe('the answer to a question', () => {
  test('about the service is pointer, location, address and text', () => {
    expect(ask('_serf_clu._tcp.local', 'PTR')).toEqual([
      { type: 'PTR', name: web.name, ttl: 120, class: 'IN', data: web.instance },
      {
        type: 'SRV',
        name: web.instance,
        ttl: 120,
        class: 'IN',
        data: { priority: 10, weight: 1, port: 7_946, target: 'vm' },
      },
      { type: 'A', name: 'vm', ttl: 120, class: 'IN', data: '10.0.0.1' },
      { type: 'TXT', name: web.instance, ttl: 120, class: 'IN', data: ["Serf 'clu' cluster"] },
    ]);
    expect(types('_SERF_CLU._tcp.local.', 'ANY')).toEqual(['PTR', 'SRV', 'A', 'TXT']);
  });

  test.each([
    ['_services._dns-sd._udp.local', 'PTR', ['PTR']],
    ['web.1._serf_clu._tcp.local', 'ANY', ['SRV', 'A', 'TXT']],
    ['web.1._serf_clu._tcp.local', 'SRV', ['SRV', 'A']],
    ['web.1._serf_clu._tcp.local', 'TXT', ['TXT']],
    ['web.1._serf_clu._tcp.local', 'A', ['A']],
    ['vm', 'A', ['A']],
    ['vm', 'AAAA', []],
    ['_serf_clu._tcp.local', 'TXT', []],
    ['_serf_other._tcp.local', 'PTR', []],
    ['web.2._serf_clu._tcp.local', 'ANY', []],
  ])('about %s, %s, has these records: %j', (name, type, expected) => {
    expect(types(name, type)).toEqual(expected);
  });

  test('gives an IPv6 address in a record of its own type', () => {
    const v6 = { ...web, host: 'fd00::2' };

    expect(answersTo({ name: web.name, type: 'PTR' }, v6)).toContainEqual(
      expect.objectContaining({ type: 'AAAA', data: 'fd00::2' }),
    );
  });
});

test('names differ neither by case nor by the dot of the root', () => {
  expect(isSameName('_Serf_A._tcp.local.', '_serf_a._TCP.local')).toBe(true);
  expect(isSameName('a.local', 'b.local')).toBe(false);
});
