import { AddressError, joinHostPort } from '../net/host-port.js';
import { type JoinAddress, parseJoinAddress } from '../net/join-address.js';
import type { Endpoint } from '../wire/endpoint.js';
import { isStreamFailure } from './exchanges.js';
import type { LogLine } from './log.js';

export interface JoinParts {
  /** This node's bind port: what an address without one means. */
  readonly defaultPort: number;
  /** All addresses of a host. Rejects with an AddressError. */
  addressesOf(host: string): Promise<readonly string[]>;
  /** Exchanges states, as a join. Rejects with a ConnectionError or an ExchangeError. */
  pushPull(to: Endpoint): Promise<void>;
  log(line: LogLine): void;
}

export interface JoinResult {
  /** Addresses that answered, not members. */
  readonly contacted: number;
  /** In the order of the list, however long each took. */
  readonly errors: readonly string[];
}

/** Streams of one join at a time: dead addresses cost a time-out each, and should not cost it one after another. */
const parallelContacts = 8;

/**
 * Contacts every address of a join list: all of them, also after a success (spec/02 §18). Each entry goes its own way, so
 * a name that nobody answers for holds up no other.
 */
export async function joinAll(addresses: readonly string[], parts: JoinParts): Promise<JoinResult> {
  const slots = new Slots(parallelContacts);
  const outcomes = await Promise.all(addresses.map((text) => joinOne(text, parts, slots)));
  const errors = outcomes.flat().filter((error) => error !== undefined);
  return { contacted: outcomes.flat().length - errors.length, errors };
}

/** One outcome for each address that an entry of the list stands for: an error, or `undefined` for a success. */
async function joinOne(
  text: string,
  parts: JoinParts,
  slots: Slots,
): Promise<(string | undefined)[]> {
  let address: JoinAddress;
  let hosts: readonly string[];
  try {
    address = parseJoinAddress(text, parts.defaultPort);
    hosts = await parts.addressesOf(address.host);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    const line = `failed to resolve ${text}: ${error.message}`;
    parts.log({ level: 'WARN', text: `memberlist: ${line}` });
    return [line];
  }
  const { port } = address;
  return Promise.all(hosts.map((host) => slots.run(() => contact({ host, port }, parts))));
}

async function contact(to: Endpoint, parts: JoinParts): Promise<string | undefined> {
  try {
    await parts.pushPull(to);
    return undefined;
  } catch (error) {
    if (!isStreamFailure(error)) throw error;
    const line = `failed to join ${joinHostPort(to.host, to.port)}: ${error.message}`;
    parts.log({ level: 'DEBUG', text: `memberlist: ${line}` });
    return line;
  }
}

/** Lets so many run at a time, the others in the order of their coming. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
