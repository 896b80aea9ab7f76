import { type AdvertiseChoice, AdvertiseError, chooseAdvertise } from '../net/advertise.js';
import { AddressError } from '../net/host-port.js';
import { defaultInterface, networkAddresses } from '../net/interfaces.js';
import { BindError, Transport } from '../net/transport.js';
import { type SerfOptions, serfDefaults } from '../serf/options.js';
import { serfOptionsProblem } from '../serf/options-problem.js';
import { profiles } from '../swim/options.js';
import { Keyring, KeyringError } from '../wire/keyring.js';
import { type PacketSeal, packetOverheadBytes } from '../wire/packet.js';
import type { EngineOptions } from './protocol.js';
import { Snapshot } from './snapshot/snapshot.js';
import { SnapshotError } from './snapshot/snapshot-file.js';

/** An engine that could not start; nothing stays bound. The message is Serf's. */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError';
  readonly code: EngineStartErrorCode;

  constructor(code: EngineStartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type EngineStartErrorCode =
  | 'BAD_OPTION'
  | 'ADDRESS_IN_USE'
  | 'BIND_FAILED'
  | 'NO_ADDRESS'
  | 'BAD_KEY'
  | 'BAD_SNAPSHOT';

/** What a packet may hold: small enough for any network, tunnels included (spec/01 §4.3). */
const packetBudgetBytes = 1_400;

/** Alive messages of a whole large cluster find room; beyond it the most transmitted are dropped and counted. */
const broadcastQueueLimit = 16_384;

/** What a hostile peer could fill the list with. */
const memberLimit = 65_536;

/** The gossip protocol versions that Serf announces (spec/01 §11). */
const gossipVersions = { protocolMin: 1, protocolMax: 5, protocolCurrent: 2 } as const;
const serfVersions = { delegateMin: 2, delegateMax: 5 } as const;

/** What an engine is put together from. */
export interface EngineParts {
  readonly options: EngineOptions;
  readonly serf: SerfOptions;
  readonly seal: PacketSeal;
  /** Bound, and not heard yet. */
  readonly transport: Transport;
  readonly choice: AdvertiseChoice;
  readonly snapshot: Snapshot | undefined;
}

/** Binds, chooses the address to advertise and sets all options. Rejects with an EngineStartError; then nothing stays bound. */
export async function prepare(options: EngineOptions): Promise<EngineParts> {
  const seal = sealFor(options);
  const transport = await bind(options);
  try {
    const choice = await chooseAddress(options, transport.port);
    const serf = serfOptions(options, seal, choice);
    const problem = serfOptionsProblem(serf);
    if (problem !== undefined) throw new EngineStartError('BAD_OPTION', problem);
    // Last: a second agent started by mistake must not touch the file of the first.
    const snapshot = await openSnapshot(options);
    return { options, serf, seal, transport, choice, snapshot };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function sealFor({ keys, compression, label }: EngineOptions): PacketSeal {
  try {
    const keyring = keys.length === 0 ? undefined : new Keyring(keys, keys[0]);
    return { compression, keyring, label, verifyIncoming: true, verifyOutgoing: true };
  } catch (cause) {
    if (!(cause instanceof KeyringError)) throw cause;
    throw new EngineStartError('BAD_KEY', createFailed(cause), { cause });
  }
}

async function bind(options: EngineOptions): Promise<Transport> {
  try {
    return await Transport.bind(options.bind);
  } catch (cause) {
    if (!(cause instanceof BindError)) throw cause;
    const code = cause.code === 'EADDRINUSE' ? 'ADDRESS_IN_USE' : 'BIND_FAILED';
    throw new EngineStartError(code, createFailed(cause), { cause });
  }
}

async function chooseAddress(options: EngineOptions, boundPort: number): Promise<AdvertiseChoice> {
  const addresses = networkAddresses();
  const { bind, advertise } = options;
  try {
    return chooseAdvertise({
      bind,
      boundPort,
      advertise,
      addresses,
      defaultInterface: await defaultInterface(addresses),
    });
  } catch (cause) {
    if (!(cause instanceof AdvertiseError || cause instanceof AddressError)) throw cause;
    throw new EngineStartError('NO_ADDRESS', createFailed(cause), { cause });
  }
}

async function openSnapshot(options: EngineOptions): Promise<Snapshot | undefined> {
  const { node: self, snapshotFile: path, rejoinAfterLeave } = options;
  if (path === undefined) return undefined;
  try {
    return await Snapshot.open({ path, self, rejoinAfterLeave });
  } catch (cause) {
    if (!(cause instanceof SnapshotError)) throw cause;
    const message = `Failed to setup snapshot: ${cause.message}`;
    throw new EngineStartError('BAD_SNAPSHOT', message, { cause });
  }
}

function createFailed(cause: Error): string {
  return `Failed to create memberlist: ${cause.message}`;
}

function serfOptions(
  options: EngineOptions,
  seal: PacketSeal,
  { address, port }: AdvertiseChoice,
): SerfOptions {
  return {
    ...serfDefaults,
    ...options.serf,
    tags: options.tags,
    protocol: options.protocol,
    seeds: options.seeds,
    swim: {
      ...profiles[options.profile],
      ...options.swim,
      name: options.node,
      address,
      port,
      versions: { ...gossipVersions, ...serfVersions, delegateCurrent: options.protocol },
      packetBudgetBytes,
      packetOverheadBytes: packetOverheadBytes(seal),
      deadNodeReclaimMs: 0,
      disableStreamProbes: false,
      broadcastQueueLimit,
      memberLimit,
      allowedNetworks: options.allowedNetworks,
    },
  };
}
