import type { AgentConfig } from '../config/agent-config.js';

/** All that the banner shows of a configuration. */
export type BannerFacts = Pick<
  AgentConfig,
  | 'node'
  | 'bind'
  | 'advertise'
  | 'rpcAddr'
  | 'encryptionKey'
  | 'keyringFile'
  | 'snapshotPath'
  | 'profile'
  | 'compression'
  | 'discover'
>;

/**
 * The lines under `==> Serf agent running!`, without their prefix. Byte for byte Serf's (spec/07 §7.3): programs read
 * them. Addresses are the configured ones, so port 0 stays 0.
 */
export function bannerLines(config: BannerFacts): string[] {
  const isEncrypted = config.encryptionKey !== undefined || config.keyringFile !== undefined;
  return [
    labelled('Node name', `'${config.node}'`),
    labelled('Bind addr', `'${addressText(config.bind)}'`),
    // Serf does not align this one.
    ...(config.advertise ? [`Advertise addr: '${addressText(config.advertise)}'`] : []),
    labelled('RPC addr', `'${config.rpcAddr}'`),
    labelled('Encrypted', String(isEncrypted)),
    labelled('Snapshot', String(config.snapshotPath !== undefined)),
    labelled('Profile', config.profile),
    labelled('Message Compression Enabled', String(config.compression)),
    ...(config.discover === '' ? [] : [labelled('mDNS cluster', config.discover)]),
  ];
}

function labelled(label: string, value: string): string {
  return `${label.padStart(27)}: ${value}`;
}

function addressText({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
