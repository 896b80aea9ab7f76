import { Resolver as DnsResolver, lookup } from 'node:dns/promises';
import { isHostName } from './host-name.js';
import { AddressError } from './host-port.js';
import { canonicalIp } from './ip.js';
import { errorCode } from './system-error.js';
import { after } from './timer.js';

/** How a name becomes addresses: by the system (hosts file, search list), and by asking name servers only. */
export interface NameSources {
  readonly system: (name: string) => Promise<readonly string[]>;
  readonly nameServer: (name: string) => Promise<readonly string[]>;
}

export interface ResolverOptions {
  /** A name that is not answered by then is not found. */
  readonly deadlineMs: number;
  /** The system's own lookup has few slots, which dead names can fill: after this long, name servers are asked too. */
  readonly patienceMs: number;
}

const defaults: ResolverOptions = { deadlineMs: 5_000, patienceMs: 500 };

/**
 * Turns hosts into IP addresses. Each name has one lookup in flight, whoever asks; each ends by a deadline, although the
 * system's lookup behind it cannot be stopped; and a name is never held up by another one's dead server for long.
 */
export class Resolver {
  readonly #sources: NameSources;
  readonly #options: ResolverOptions;
  readonly #inFlight = new Map<string, Promise<readonly string[]>>();
  /** System lookups that may still run behind their deadline: a second one would only take another slot. */
  readonly #system = new Map<string, Promise<readonly string[]>>();

  constructor(sources: NameSources = machine, options: Partial<ResolverOptions> = {}) {
    this.#sources = sources;
    this.#options = { ...defaults, ...options };
  }

  /** All addresses of `host`, canonical, without duplicates, in the source's order. Throws an AddressError. */
  async addressesOf(host: string): Promise<readonly string[]> {
    const literal = canonicalIp(host);
    if (literal !== undefined) return [literal];
    if (!isHostName(host)) throw notFound(host);

    const running = this.#inFlight.get(host);
    if (running !== undefined) return running;
    const started = this.#resolve(host).finally(() => this.#inFlight.delete(host));
    this.#inFlight.set(host, started);
    return started;
  }

  #resolve(host: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const settle = (found: readonly string[] | undefined, error?: AddressError): void => {
        patience.cancel();
        deadline.cancel();
        if (found !== undefined) resolve(found);
        else reject(error ?? notFound(host));
      };
      const deadline = after(this.#options.deadlineMs, () =>
        settle(undefined, new AddressError(`lookup ${host}: i/o timeout`)),
      );
      const patience = after(this.#options.patienceMs, () => {
        this.#sources.nameServer(host).then(
          (found) => found.length > 0 && settle(canonical(found)),
          // The system's answer decides: it knows the hosts file and the search list, a name server does not.
          () => undefined,
        );
      });
      this.#askSystem(host).then(
        (found) => settle(found.length > 0 ? canonical(found) : undefined),
        (error: unknown) => settle(undefined, lookupError(host, error)),
      );
    });
  }

  #askSystem(host: string): Promise<readonly string[]> {
    const running = this.#system.get(host);
    if (running !== undefined) return running;
    const started = this.#sources.system(host).finally(() => this.#system.delete(host));
    this.#system.set(host, started);
    return started;
  }
}

const machine: NameSources = {
  system: async (name) => (await lookup(name, { all: true, verbatim: true })).map(addressOf),
  nameServer: async (name) => {
    const resolver = new DnsResolver({ timeout: 1_000, tries: 2 });
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  },
};

function addressOf({ address }: { address: string }): string {
  return address;
}

function canonical(addresses: readonly string[]): readonly string[] {
  const known = addresses.map(canonicalIp).filter((address) => address !== undefined);
  return [...new Set(known)];
}

function notFound(host: string): AddressError {
  return new AddressError(`lookup ${host}: no such host`);
}

function lookupError(host: string, cause: unknown): AddressError {
  const words = errorCode(cause) === 'EAI_AGAIN' ? 'server misbehaving' : 'no such host';
  return new AddressError(`lookup ${host}: ${words}`, { cause });
}
