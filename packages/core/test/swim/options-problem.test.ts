import { describe, expect, test } from 'vitest';
import type { SwimOptions } from '../../src/swim/options.js';
import { profiles } from '../../src/swim/options.js';
import { swimOptionsProblem } from '../../src/swim/options-problem.js';
import { optionsOf, versions } from './engine-under-test.js';

test.each(Object.entries(profiles))('the %s profile is fine', (_, profile) => {
  expect(swimOptionsProblem(optionsOf(profile))).toBeUndefined();
});

test('loops may be off', () => {
  const off = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 };

  expect(swimOptionsProblem(optionsOf(off))).toBeUndefined();
});

describe('refused, with the option in the message:', () => {
  const wrong: [string, Partial<SwimOptions>][] = [
    ['probeTimeoutMs', { probeTimeoutMs: 1_000 }],
    ['name', { name: '' }],
    ['address', { address: new Uint8Array(5) }],
    ['address', { address: new Uint8Array(4) }],
    ['port', { port: 0 }],
    ['port', { port: 70_000 }],
    ['versions', { versions: { ...versions, protocolCurrent: 6 } }],
    ['retransmitMult', { retransmitMult: 0 }],
    ['indirectChecks', { indirectChecks: -1 }],
    ['gossipIntervalMs', { gossipIntervalMs: Number.NaN }],
    ['packetBudgetBytes', { packetBudgetBytes: 65_508 }],
    ['packetBudgetBytes', { packetBudgetBytes: 1_199 }],
    ['packetBudgetBytes', { packetOverheadBytes: 300 }],
    ['memberLimit', { memberLimit: 0 }],
    ['allowedNetworks', { allowedNetworks: ['10.0.0.0/99'] }],
  ];

  test.each(wrong)('%s %j', (option, changes) => {
    expect(swimOptionsProblem(optionsOf(changes))).toContain(option);
  });
});
