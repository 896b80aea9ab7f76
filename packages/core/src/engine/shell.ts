import type { Connection } from '../net/connection.js';
import { AddressError, joinHostPort } from '../net/host-port.js';
import type { Networks } from '../net/networks.js';
import { systemErrorText } from '../net/system-error.js';
import type { SerfInput } from '../serf/input.js';
import type { SerfEffect, SerfOutput } from '../serf/output.js';
import type { SerfTimer } from '../serf/timer.js';
import { DecodeError } from '../wire/decode-error.js';
import type { Endpoint } from '../wire/endpoint.js';
import { decodeMessage } from '../wire/message-codec.js';
import type { GossipMessage } from '../wire/messages.js';
import { openPacket, type PacketSeal, sealPacket } from '../wire/packet.js';
import { Counters } from './counters.js';
import { isStreamFailure } from './exchanges.js';
import { KeyWatch } from './key-watch.js';
import { KeyringWriter } from './keyring-writer.js';
import { Log } from './log.js';
import { reportLine } from './log-text.js';
import { EngineMeasures } from './metrics/engine-measures.js';
import { measuredConnection } from './metrics/measured-connection.js';
import { eventNotice, forTheOtherThread, ownBytes, toWallClock } from './notices.js';
import { Streams } from './streams.js';
import type { World } from './world.js';

/** The part of a SerfNode that the shell uses. */
export interface Core {
  handle(input: SerfInput, nowMs: number): SerfOutput[];
}

export interface ShellOptions {
  readonly node: string;
  /** Where the others reach this node. */
  readonly own: Endpoint;
  readonly streamTimeoutMs: number;
  readonly seal: PacketSeal;
  /** Packets and streams from elsewhere are dropped and counted; `undefined` lets all in. */
  readonly allowedSources: Networks | undefined;
  /** Where the keyring is kept; without one a change of keys lives as long as the node. */
  readonly keyringFile: string | undefined;
  /** The member at an address, if one is known. */
  readonly nameAt: (at: Endpoint) => string | undefined;
}

/** Pings and acks: trying to pack them costs a tenth of answering, and saves a few bytes at best. */
const smallPacketBytes = 256;

/** Feeds the core and carries out what it asks for. The only place where both meet. */
export class Shell {
  readonly counters = new Counters();
  readonly measures = new EngineMeasures();
  readonly log: Log;
  readonly #options: ShellOptions;
  readonly #core: Core;
  readonly #world: World;
  readonly #streams: Streams;
  readonly #smallSeal: PacketSeal;
  /** Only where there are keys. */
  readonly #keyWatch: KeyWatch | undefined;
  readonly #keyringWriter: KeyringWriter | undefined;
  readonly #failed: (error: unknown) => void;

  /** `failed` hears of what cannot happen: an error of our own in work that goes on by itself. */
  constructor(options: ShellOptions, core: Core, world: World, failed: (error: unknown) => void) {
    this.#options = options;
    this.#smallSeal = { ...options.seal, compression: false };
    this.#core = core;
    this.#world = world;
    this.#failed = failed;
    this.log = new Log(world);
    const log = this.log.write.bind(this.log);
    const { keyringFile: path, seal } = options;
    this.#keyWatch = seal.keyring && new KeyWatch({ ...options, keyring: seal.keyring, log });
    this.#keyringWriter =
      path === undefined
        ? undefined
        : new KeyringWriter({
            path,
            log,
            failed: () => this.counters.add('failed_keyring_writes'),
          });
    this.#streams = new Streams(options, {
      world: {
        nowMs: () => world.nowMs(),
        dial: (to, timeoutMs) => this.#dial(to, timeoutMs),
      },
      log: this.log,
      counters: this.counters,
      measures: this.measures,
      keyWatch: this.#keyWatch,
      feed: (input) => this.feed(input),
    });
  }

  feed(input: SerfInput, nowMs: number = this.#world.nowMs()): void {
    for (const output of this.#core.handle(input, nowMs)) this.#perform(output);
  }

  /** Takes a datagram. Whatever is wrong with it is counted, and said within reason; nothing is answered. */
  receivePacket(packet: Uint8Array, from: Endpoint): void {
    const nowMs = this.#world.nowMs();
    this.measures.udpReceived.add(packet.length, nowMs);
    if (!this.#isAllowed(from)) return;
    const opened = this.#readOrRefuse(from, () => openPacket(packet, this.#options.seal));
    if (opened === undefined) return;
    this.#keyWatch?.opened(from, nowMs);
    for (const part of opened.parts) {
      const message = this.#readOrRefuse(from, () => decodeMessage(part));
      if (message !== undefined) this.#feedMessage(message, from, nowMs);
    }
    for (const error of opened.rejected) this.#refusePacket(error, from);
  }

  #feedMessage(message: GossipMessage, from: Endpoint, nowMs: number): void {
    this.feed({ type: 'message', message, from, via: 'packet' }, nowMs);
  }

  /** Takes an accepted stream. */
  receiveStream(connection: Connection): void {
    if (!this.#isAllowed(connection.remote)) {
      connection.destroy();
      return;
    }
    this.measures.streamsAccepted.add(1, this.#world.nowMs());
    this.#own(this.#streams.accept(this.#measured(connection)));
  }

  /**
   * Exchanges states with `to`, for a join; `replay` asks for user events of before it. Rejects with a ConnectionError or
   * an ExchangeError.
   */
  join(to: Endpoint, replay: boolean): Promise<void> {
    return this.#streams.pushPull(to, true, !replay);
  }

  /** Resolves when what is to outlive the node is on the disk, or cannot be put there. */
  async close(): Promise<void> {
    await this.#keyringWriter?.close();
  }

  /** What a person needs to know about keys, as decimal text; nothing where nothing is encrypted. */
  keyStats(): Record<string, string> {
    if (this.#keyWatch === undefined) return {};
    return {
      encryption_failures: String(this.#keyWatch.failures),
      isolated: String(this.#keyWatch.isIsolated(this.#world.nowMs())),
    };
  }

  #perform(output: SerfOutput): void {
    switch (output.type) {
      case 'packet':
        this.#sendPacket(output);
        break;
      case 'schedule': {
        const { timer } = output;
        this.#world.at(output.atMs, () => this.#timerDue(timer));
        break;
      }
      case 'streamProbe':
        this.#own(this.#streams.probe(output.to, output.ping, output.deadlineMs));
        break;
      case 'pushPull':
        this.#own(this.#pushPullInBackground(output));
        break;
      case 'lookUp':
        this.#own(this.#lookUp(output.address));
        break;
      case 'contact':
        this.#own(this.#contact(output));
        break;
      case 'peerForgotten':
        // Of use to the snapshot alone, which hears the core itself.
        break;
      case 'pushPullSend':
        this.#streams.stateFor(output.exchange, output.state);
        break;
      case 'pushPullMerged':
        this.#streams.merged(output.exchange, output.refusal);
        break;
      case 'streamUser':
        this.#own(this.#streams.sendUser(output));
        break;
      case 'keyringChanged':
        this.#changeKeys(output);
        break;
      case 'event':
        this.measures.heard(output.event, this.#world.nowMs());
        this.#world.tell({ type: 'event', event: eventNotice(output.event, this.#world) });
        break;
      case 'memberChanged':
        this.#world.tell({ ...output, member: forTheOtherThread(output.member) });
        break;
      case 'queryStarted': {
        const { request, deadlineMs } = output;
        const deadline = toWallClock(deadlineMs, this.#world);
        this.#world.tell({ type: 'queryStarted', request, deadline });
        break;
      }
      case 'queryResponse':
        this.#world.tell({ ...output, payload: output.payload && ownBytes(output.payload) });
        break;
      case 'keysDone': {
        const { request, report } = output;
        this.#world.tell({ type: 'done', request, result: { type: 'keys', report } });
        break;
      }
      case 'queryAck':
      case 'queryDone':
      case 'conflictLost':
      case 'memberForgotten':
        this.#world.tell(output);
        break;
      case 'done': {
        const { request, error } = output;
        const result = error === undefined ? okay : ({ type: 'error', message: error } as const);
        this.#world.tell({ type: 'done', request, result });
        break;
      }
      case 'report':
        // Said where the stream is known that carried what was refused.
        if (output.code !== 'mergeRefused') this.log.write(reportLine(output));
        break;
      default:
        output satisfies never; // a new output does not compile until it is carried out
    }
  }

  #timerDue(timer: SerfTimer): void {
    const startMs = this.#world.nowMs();
    this.feed({ type: 'timer', timer }, startMs);
    if (timer.type !== 'swim' || timer.timer.type !== 'gossipTick') return;
    const nowMs = this.#world.nowMs();
    this.measures.gossip.add(nowMs - startMs, nowMs);
  }

  async #dial(to: Endpoint, timeoutMs: number): Promise<Connection> {
    this.measures.streamsDialled.add(1, this.#world.nowMs());
    return this.#measured(await this.#world.dial(to, timeoutMs));
  }

  #measured(connection: Connection): Connection {
    return measuredConnection(connection, this.measures.streamBytesSent, () => this.#world.nowMs());
  }

  /** What is sealed and opened from here on; the file follows. */
  #changeKeys({ keys, change }: Extract<SerfEffect, { type: 'keyringChanged' }>): void {
    const { keyring } = this.#options.seal;
    if (keyring === undefined) throw new Error('keys changed on a node without a keyring');
    keyring.replace(keys);
    this.#keyringWriter?.save(keys, (error) => this.feed({ type: 'keyringKept', change, error }));
  }

  #sendPacket({ parts, checksum, to, probe }: Extract<SerfEffect, { type: 'packet' }>): void {
    const packet = sealPacket(parts, checksum, this.#sealFor(parts));
    this.measures.udpSent.add(packet.length, this.#world.nowMs());
    if (probe === undefined) {
      this.#world.send(packet, to);
      return;
    }
    this.#world.send(packet, to, (error) => {
      const text = `memberlist: Failed to send UDP ping to ${joinHostPort(to.host, to.port)}: ${systemErrorText(error)}`;
      this.log.write({ level: 'ERR', text, limit: 'ping' });
      this.feed({ type: 'sendFailed', sequence: probe });
    });
  }

  #sealFor(parts: readonly Uint8Array[]): PacketSeal {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    return bytes < smallPacketBytes ? this.#smallSeal : this.#options.seal;
  }

  /** An exchange that nobody waits for: a failure is worth a line. */
  async #pushPullInBackground(output: Extract<SerfEffect, { type: 'pushPull' }>): Promise<void> {
    const { to, node, join } = output;
    const where = joinHostPort(to.host, to.port);
    if (!join) {
      const text = `memberlist: Initiating push/pull sync with: ${node} ${where}`;
      this.log.write({ level: 'DEBUG', text, limit: 'push/pull' });
    }
    try {
      await this.#streams.pushPull(to, join, false);
    } catch (error) {
      if (!isStreamFailure(error)) throw error;
      const text = join
        ? `memberlist: failed to join ${where}: ${error.message}`
        : `memberlist: Push/Pull with ${node} failed: ${error.message}`;
      this.log.write({ level: join ? 'DEBUG' : 'ERR', text, limit: 'failed push/pull' });
    }
  }

  async #lookUp(address: string): Promise<void> {
    let endpoints: readonly Endpoint[] | undefined;
    try {
      endpoints = await this.#world.lookUp(address);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      const text = `memberlist: failed to resolve ${address}: ${error.message}`;
      this.log.write({ level: 'DEBUG', text, limit: 'seed' });
    }
    this.feed({ type: 'seedFound', address, endpoints });
  }

  async #contact({ address, to, replay }: Extract<SerfEffect, { type: 'contact' }>): Promise<void> {
    try {
      await this.join(to, replay);
    } catch (error) {
      if (!isStreamFailure(error)) throw error;
      const text = `memberlist: failed to join ${joinHostPort(to.host, to.port)}: ${error.message}`;
      this.log.write({ level: 'DEBUG', text, limit: 'seed' });
      return;
    }
    this.feed({ type: 'seedReached', address });
  }

  #isAllowed({ host }: Endpoint): boolean {
    if (this.#options.allowedSources?.includes(host) !== false) return true;
    this.counters.add('refused_source');
    return false;
  }

  #readOrRefuse<T>(from: Endpoint, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#refusePacket(error, from);
      return undefined;
    }
  }

  #refusePacket(error: DecodeError, from: Endpoint): void {
    const { host, port } = from;
    this.counters.add(`refused_packet_${error.code}`);
    if (error.code === 'WRONG_KEY') this.#keyWatch?.failed(from, this.#world.nowMs());
    const text = `memberlist: packet refused: ${error.message} from=${joinHostPort(host, port)}`;
    this.log.write({ level: 'ERR', text, limit: `packet ${error.code}` });
  }

  #own(work: Promise<void>): void {
    work.catch(this.#failed);
  }
}

const okay = { type: 'ok' } as const;
