import { hostname } from 'node:os';
import { KeyringFileError, readKeyringFile } from '../engine/keyring-file.js';
import type { EngineOptions } from '../engine/protocol.js';
import { resolveBindAddress } from '../net/bind-address.js';
import { AddressError } from '../net/host-port.js';
import { networksOf } from '../net/networks.js';
import type { Tags } from '../serf/member.js';
import { type SerfOptions, serfDefaults } from '../serf/options.js';
import { type ProfileName, profiles, type SwimProfile } from '../swim/options.js';
import { decodeKeyText, KeyTextError } from '../wire/key-text.js';
import { memberNameProblem } from '../wire/member-name.js';
import { refuseUnknown, tagsOf, textOf, textsOf } from './arguments.js';
import { ClusterError } from './cluster-error.js';

/** How a node is set up. Every field has a default that suits a node in a local network. */
export interface ClusterOptions {
  /** This node's name, unique in the cluster. Default: the host's name. */
  readonly node?: string;
  /**
   * Where to listen, TCP and UDP: `host:port`, `host` or `:port`. Port 0 lets the system choose. Default: `0.0.0.0:7946`,
   * every address.
   */
  readonly bind?: string;
  /** The address that others are told, where it is not the bound one: `host:port` or `host`. */
  readonly advertise?: string;
  /** Members to join at start, as in `join`. When none of them answers, the start fails. */
  readonly join?: readonly string[];
  /**
   * Members that this node goes back to, with those of `join`, whenever it finds itself without them: it looks their names up
   * again and contacts them, for ever and less and less often. Unlike `join`, nobody has to be there at the start.
   */
  readonly seeds?: readonly string[];
  /** What this node says about itself; at most 512 bytes when encoded. */
  readonly tags?: Tags;
  /** A key of 16, 24 or 32 bytes in base64: everything is encrypted, and what is not is dropped. */
  readonly encryptionKey?: string;
  /** A file with a JSON array of such keys, primary first; instead of `encryptionKey`. */
  readonly keyringFile?: string;
  /** Timing for a local network (`lan`), a wide one (`wan`), or one machine (`local`). Default: `lan`. */
  readonly profile?: ProfileName;
  /** Serf's protocol version, 2 to 5. Default: 5. */
  readonly protocol?: number;
  /** Whether what is sent is compressed; what is received may be, whatever this says. Default: true. */
  readonly compression?: boolean;
  /** Only members of the same label are heard. Default: empty, Serf's own world. */
  readonly label?: string;
  /** Networks (CIDR) that members may live in, and that anything may come from. Default: all. */
  readonly allowedNetworks?: readonly string[];
  /**
   * A file that keeps the members and the clocks, so that this node joins them again by itself after a restart, and no event
   * is delivered twice. Serf's own snapshots will do.
   */
  readonly snapshotFile?: string;
  /** Whether it joins them again after it has left, too. Default: false. */
  readonly rejoinAfterLeave?: boolean;
  /** Whether the engine has a thread of its own, which a busy application cannot stall. Default: true. */
  readonly thread?: boolean;
  /** Single values over the profile. */
  readonly swim?: Partial<SwimProfile>;
  /** Single values over Serf's defaults. */
  readonly serf?: Partial<Omit<SerfOptions, 'swim' | 'tags' | 'protocol' | 'seeds'>>;
}

const known: Readonly<Record<keyof ClusterOptions, true>> = {
  node: true,
  bind: true,
  advertise: true,
  join: true,
  seeds: true,
  tags: true,
  encryptionKey: true,
  keyringFile: true,
  profile: true,
  protocol: true,
  compression: true,
  label: true,
  allowedNetworks: true,
  snapshotFile: true,
  rejoinAfterLeave: true,
  thread: true,
  swim: true,
  serf: true,
};

const labelLimitBytes = 255;

/** Turns options into what an engine needs: the one door; behind it nobody checks again. Throws a ClusterError. */
export async function resolveOptions(options: ClusterOptions): Promise<EngineOptions> {
  refuseUnknown(options, known, 'option');
  checkTypes(options);
  const profile = profileOf(options);
  const { join = [], seeds = [] } = options;
  return {
    node: nodeName(options),
    bind: await address(options.bind ?? '0.0.0.0', 'bind'),
    advertise:
      options.advertise === undefined ? undefined : await address(options.advertise, 'advertise'),
    tags: tagsOf(options.tags ?? {}, 'tags'),
    protocol: options.protocol ?? serfDefaults.protocol,
    profile,
    swim: timing(options.swim ?? {}, profile),
    serf: checked(options.serf ?? {}, serfDefaults, 'serf'),
    keys: await keysOf(options),
    keyringFile: options.keyringFile,
    compression: options.compression ?? true,
    label: labelOf(options),
    allowedNetworks: networksIn(options),
    seeds: [...new Set([...textsOf(join, 'join'), ...textsOf(seeds, 'seeds')])],
    snapshotFile: options.snapshotFile,
    rejoinAfterLeave: options.rejoinAfterLeave ?? false,
  };
}

function bad(message: string, cause?: unknown): ClusterError {
  return new ClusterError('BAD_OPTION', message, { cause });
}

const texts = [
  ...(['node', 'bind', 'advertise', 'encryptionKey'] as const),
  ...(['keyringFile', 'label', 'snapshotFile'] as const),
];
const switches = ['compression', 'rejoinAfterLeave', 'thread'] as const;

/** `undefined` stands for the default. What has to fit a type only, and is used as it is. */
function checkTypes(options: ClusterOptions): void {
  for (const key of texts) if (options[key] !== undefined) textOf(options[key], key);
  for (const key of switches) {
    const value: unknown = options[key] ?? false;
    if (typeof value !== 'boolean') throw bad(`${key}: ${String(value)} is neither true nor false`);
  }
  const { protocol = serfDefaults.protocol } = options;
  if (!Number.isInteger(protocol)) throw bad(`protocol: ${String(protocol)} is no whole number`);
}

function nodeName({ node = hostname() }: ClusterOptions): string {
  const problem = memberNameProblem(node);
  if (problem !== undefined) throw bad(`node: ${problem}`);
  return node;
}

async function address(
  text: string,
  what: 'bind' | 'advertise',
): Promise<{ host: string; port: number }> {
  try {
    return await resolveBindAddress(text, what);
  } catch (cause) {
    if (!(cause instanceof AddressError)) throw cause;
    throw bad(cause.message, cause);
  }
}

function profileOf({ profile = 'lan' }: ClusterOptions): ProfileName {
  if (Object.hasOwn(profiles, profile)) return profile;
  throw bad(`Unknown profile: ${profile}`);
}

function timing(given: Partial<SwimProfile>, profile: ProfileName): Partial<SwimProfile> {
  const kept = checked(given, profiles[profile], 'swim');
  const { probeIntervalMs, probeTimeoutMs } = { ...profiles[profile], ...kept };
  if (probeIntervalMs > 0 && probeTimeoutMs >= probeIntervalMs) {
    throw bad(
      `swim.probeTimeoutMs: ${probeTimeoutMs} must be shorter than probeIntervalMs (${probeIntervalMs}): ` +
        'helpers and the stream fallback need the rest of it',
    );
  }
  return kept;
}

/**
 * Keeps what was given, and refuses what is no amount, or no switch where the default is one. `undefined` stands for the
 * default, as if it were not there.
 */
function checked<T extends object>(given: T, defaults: T, where: string): T {
  refuseUnknown(given, defaults, `option of '${where}'`);
  const switches = new Map(Object.entries(defaults));
  const kept = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [key, value] of kept) {
    if (typeof switches.get(key) === 'boolean') {
      if (typeof value !== 'boolean') {
        throw bad(`${where}.${key}: ${String(value)} is neither true nor false`);
      }
    } else if (typeof value !== 'number' || !(value >= 0)) {
      throw bad(`${where}.${key}: ${String(value)} is no number from 0 up`);
    }
  }
  return Object.fromEntries(kept) as T;
}

async function keysOf({
  encryptionKey,
  keyringFile,
}: ClusterOptions): Promise<readonly Uint8Array[]> {
  if (keyringFile === undefined) return encryptionKey === undefined ? [] : [key(encryptionKey)];
  if (encryptionKey !== undefined) throw bad('Encryption key not allowed while using a keyring');
  try {
    return (await readKeyringFile(keyringFile)).keys;
  } catch (cause) {
    if (!(cause instanceof KeyringFileError)) throw cause;
    throw new ClusterError('BAD_KEYRING_FILE', cause.message, { cause });
  }
}

function key(text: string): Uint8Array {
  try {
    return decodeKeyText(text);
  } catch (cause) {
    if (!(cause instanceof KeyTextError)) throw cause;
    throw new ClusterError('BAD_KEY', `Invalid encryption key: ${cause.message}`, { cause });
  }
}

function labelOf({ label = '' }: ClusterOptions): string {
  const bytes = Buffer.byteLength(label);
  if (bytes <= labelLimitBytes) return label;
  throw bad(`label: ${bytes} bytes, at most ${labelLimitBytes} fit`);
}

function networksIn({ allowedNetworks = [] }: ClusterOptions): readonly string[] {
  try {
    networksOf(allowedNetworks);
  } catch (cause) {
    if (!(cause instanceof AddressError)) throw cause;
    throw bad(`allowedNetworks: ${cause.message}`, cause);
  }
  return allowedNetworks;
}
