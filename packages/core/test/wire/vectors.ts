import { readFileSync } from 'node:fs';
import { Keyring } from '../../src/wire/keyring.js';
import type { PacketSeal } from '../../src/wire/packet.js';

/** A message of a recording: its kind and fields, and what else its kind has. */
export interface DecodedVector {
  readonly type: string;
  readonly fields: Record<string, unknown>;
  readonly parts?: DecodedVector[];
  readonly serf?: DecodedVector;
  readonly inner?: DecodedVector;
  readonly header?: { fields: Record<string, unknown> };
  readonly nodes?: { fields: Record<string, unknown> }[];
  readonly user_state?: DecodedVector | null;
}

export interface PacketVector {
  readonly id: string;
  readonly key: string | null;
  readonly hex: string;
  readonly layers: string[];
  readonly decoded: DecodedVector;
}

export interface StreamVector {
  readonly id: string;
  /** Sent by hand, and taken by a real agent. */
  readonly made?: boolean;
  readonly c2s: Omit<PacketVector, 'id'> | null;
  readonly s2c: Omit<PacketVector, 'id'> | null;
}

export interface MalformedVector {
  readonly id: string;
  readonly category: string;
  readonly what: string;
  readonly target: 'plain' | 'encrypted';
  readonly transport: 'udp' | 'tcp';
  readonly control?: boolean;
  readonly hex?: string;
  readonly parts?: Repeated[];
  readonly replies: string[];
  readonly crashed: boolean;
}

export interface LzwVector {
  readonly id: string;
  readonly plain?: string;
  readonly plain_parts?: Repeated[];
  readonly lzw?: string;
  readonly lzw_parts?: Repeated[];
}

interface Repeated {
  readonly hex: string;
  readonly times: number;
}

const load = <Vector>(name: string): Vector[] =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));

export const packets = load<PacketVector>('packets');
export const streams = load<StreamVector>('streams');
const newest = load<(PacketVector | StreamVector) & { readonly transport: 'udp' | 'tcp' }>(
  'newest',
);
export const newestPackets = newest.filter((entry) => entry.transport === 'udp') as PacketVector[];
export const newestStreams = newest.filter((entry) => entry.transport === 'tcp') as StreamVector[];
export const made = load<
  PacketVector & {
    readonly what: string;
    readonly label: string;
    readonly transport: 'udp' | 'tcp';
  }
>('made');
export const malformed = load<MalformedVector>('malformed');
export const lzw = load<LzwVector>('lzw');

/** A plain Uint8Array, so that comparisons don't trip over Buffer. */
export const fromHex = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

export const joinRepeated = (parts: readonly Repeated[]): Uint8Array =>
  fromHex(parts.map(({ hex, times }) => hex.repeat(times)).join(''));

/** A node without compression, keys and label. */
export const plainSeal: PacketSeal = {
  compression: false,
  keyring: undefined,
  label: '',
  verifyIncoming: true,
  verifyOutgoing: true,
};

/** The seal of a node that has the key of a recording. */
export const sealFor = (key: string | null, label = ''): PacketSeal => ({
  ...plainSeal,
  label,
  keyring: key === null ? undefined : new Keyring([], fromBase64(key)),
});

/** The encrypted agent of the malformed recordings. */
export const encryptedSeal: PacketSeal = {
  ...plainSeal,
  keyring: new Keyring(
    [fromBase64('DhsoNUJPXGl2g5CdqrfE0d7r+AUSHyw5RlNgbXqHlKE=')],
    fromBase64('BxQhLjtIVWJvfImWo7C9ytfk8f4LGCUyP0xZZnOAjZo='),
  ),
};
