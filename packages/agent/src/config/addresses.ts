import { networkInterfaces } from 'node:os';
import { interfaceBindAddress, interfaceExists, resolveBindAddress } from '@tserf/core';
import { type AgentConfig, defaultConfig } from './agent-config.js';
import { ConfigError } from './config-error.js';
import type { SettingPath } from './layers.js';
import type { Settings } from './settings-schema.js';

/** Whether the interfaces that are named exist (spec/07 §5.1, 8 and 10). */
export function checkInterfaces({ interface: ofGossip, mdns }: Settings): void {
  const missing = 'route ip+net: no such network interface';
  if (ofGossip && !interfaceExists(ofGossip)) {
    throw badAddress(['interface'], `Invalid network interface: ${missing}`);
  }
  if (mdns?.interface && !interfaceExists(mdns.interface)) {
    throw badAddress(['mdns', 'interface'], `Invalid mDNS network interface: ${missing}`);
  }
}

/**
 * Where to bind and what to advertise (spec/07 §6.1, §6.3). With an interface and no address, says which address it
 * took.
 *
 * @throws {ConfigError} in Serf's words, with what to write instead
 */
export async function resolveAddresses(
  settings: Settings,
  notice: (line: string) => void,
): Promise<Pick<AgentConfig, 'bind' | 'advertise'>> {
  const bind = settings.bind
    ? await resolving('bind', () => resolveBindAddress(settings.bind ?? '', 'bind'))
    : defaultConfig.bind;
  const ofInterface = settings.interface
    ? await resolving('interface', async () => interfaceBindAddress(settings.interface ?? '', bind))
    : { ...bind, picked: false };
  if (ofInterface.picked) {
    notice(`Using interface '${settings.interface}' address '${ofInterface.host}'`);
  }
  const advertise = settings.advertise
    ? await resolving('advertise', () => resolveBindAddress(settings.advertise ?? '', 'advertise'))
    : undefined;
  return { bind: { host: ofInterface.host, port: ofInterface.port }, advertise };
}

async function resolving<T>(key: keyof Settings, resolve: () => Promise<T>): Promise<T> {
  try {
    return await resolve();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw badAddress([key], error.message, error);
  }
}

function badAddress(path: SettingPath, reason: string, cause?: Error): ConfigError {
  const remedy = remedies.find(([pattern]) => pattern.test(reason))?.[1]();
  const message = remedy === undefined ? reason : `${reason} (${remedy})`;
  return new ConfigError('BAD_ADDRESS', message, { path, cause });
}

const remedies: readonly (readonly [pattern: RegExp, remedy: () => string])[] = [
  [/too many colons/, () => 'an IPv6 address is written [::1] or [::1]:7946'],
  [
    /invalid port|unknown port/,
    () => 'a port is a number from 0 to 65535 or the name of a service',
  ],
  [/no such host/, () => 'give an IP address, or a name that this host can resolve'],
  [/network interface|has no address|usable address/, () => `this host has ${interfaceNames()}`],
  [/^Interface '/, () => 'leave -bind out to take the address of the interface'],
];

function interfaceNames(): string {
  return Object.keys(networkInterfaces()).join(', ');
}
