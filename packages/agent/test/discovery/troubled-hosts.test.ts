import { expect, test } from 'vitest';
import { TroubledHosts } from '../../src/discovery/troubled-hosts.js';

const host = { host: '10.0.0.1', port: 7_946 };

/** In how many polls a host that never answers is tried. */
function triesIn(polls: number, troubled = new TroubledHosts()): number[] {
  const tried: number[] = [];
  for (let poll = 1; poll <= polls; poll += 1) {
    if (!troubled.isDue(host)) continue;
    tried.push(poll);
    troubled.failed(host);
  }
  return tried;
}

test('a host that does not answer is tried ever more rarely, and never given up', () => {
  expect(triesIn(140)).toEqual([1, 2, 4, 8, 16, 32, 64, 96, 128]);
});

test('a host that was joined gets a fresh start', () => {
  const troubled = new TroubledHosts();
  triesIn(16, troubled);

  troubled.joined(host);

  expect(triesIn(4, troubled)).toEqual([1, 2, 4]);
});

test('an address with another port is another host', () => {
  const troubled = new TroubledHosts();
  troubled.failed(host);
  troubled.failed(host);

  expect(troubled.isDue({ ...host, port: 1 })).toBe(true);
  expect(troubled.isDue(host)).toBe(false);
});

test('a flood of hosts pushes out the oldest troubles only', () => {
  const troubled = new TroubledHosts();
  for (let port = 0; port < 1_100; port += 1) {
    troubled.failed({ host: '10.0.0.2', port });
    troubled.failed({ host: '10.0.0.2', port });
  }

  expect(troubled.isDue({ host: '10.0.0.2', port: 0 })).toBe(true);
  expect(troubled.isDue({ host: '10.0.0.2', port: 1_099 })).toBe(false);
});
