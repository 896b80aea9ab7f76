import type { RemoteInfo, Socket } from 'node:dgram';
import { readQuery, replyTo } from './message.js';
import { families, hearGroup, LocalLinks } from './multicast.js';
import { answersTo, DiscoveryError, type Service } from './service.js';

/** More than these in a second is no cluster that starts but a flood: a source address is easily forged. */
const repliesPerSecond = 200;

export interface ResponderOptions {
  readonly service: Service;
  /** `undefined`: the system's choice. */
  readonly interface: string | undefined;
  /** Something went wrong that the next message may not suffer from. */
  readonly trouble: (what: string, error: Error) => void;
}

/** Answers those who look for this agent's cluster on the local network (spec/07 §9). */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #links = new LocalLinks();
  readonly #sockets: Socket[] = [];
  #secondStartMs = 0;
  #replies = 0;

  /**
   * Listens on every IP family that can be had.
   *
   * @throws {DiscoveryError} when none can
   */
  static async start(options: ResponderOptions): Promise<Responder> {
    const responder = new Responder(options);
    const failures: Error[] = [];
    for (const family of families) {
      try {
        const socket: Socket = await hearGroup(family, options.interface, {
          message: (bytes, from) => responder.#answer(socket, bytes, from),
          error: (error) => options.trouble('listen', error),
        });
        responder.#sockets.push(socket);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    if (responder.#sockets.length === 0) {
      const reasons = failures.map(({ message }) => message).join('; ');
      throw new DiscoveryError(reasons, { cause: failures[0] });
    }
    return responder;
  }

  private constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** Stopping twice is harmless. */
  stop(): void {
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  #answer(socket: Socket, bytes: Buffer, from: RemoteInfo): void {
    const { service, trouble } = this.#options;
    const query = readQuery(bytes);
    const answers = query?.questions.flatMap((question) => answersTo(question, service)) ?? [];
    if (query === undefined || answers.length === 0) return;
    if (!this.#links.include(from.address) || !this.#mayReply()) return;
    socket.send(replyTo(query, answers), from.port, from.address, (error) => {
      if (error !== null) trouble('answer', error);
    });
  }

  #mayReply(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#secondStartMs >= 1_000) {
      this.#secondStartMs = nowMs;
      this.#replies = 0;
    }
    this.#replies += 1;
    return this.#replies <= repliesPerSecond;
  }
}
