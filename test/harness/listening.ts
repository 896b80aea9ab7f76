import { Client, type EventRecord } from '@tserf/client';
import type { Agent } from './agents.ts';

export type HeardQuery = Extract<EventRecord, { type: 'query' }>;

/** A client of one agent, of either kind, that keeps what the agent tells of events and queries. */
export class Listening {
  readonly agent: Agent;
  readonly client: Client;
  /** `name payload-in-hex`, in the order of their coming. */
  readonly events: string[] = [];
  readonly queries: string[] = [];
  /** What this agent answers to a query; nothing when it returns undefined. */
  answer: (query: HeardQuery) => Uint8Array | string | undefined = () => undefined;

  private constructor(agent: Agent, client: Client) {
    this.agent = agent;
    this.client = client;
  }

  static async to(agent: Agent): Promise<Listening> {
    const client = await Client.connect({ address: agent.rpc });
    const listening = new Listening(agent, client);
    const stream = await client.stream('user,query');
    void listening.#follow(stream);
    return listening;
  }

  async #follow(stream: AsyncIterable<EventRecord>): Promise<void> {
    for await (const event of stream) {
      if (event.type === 'user') this.events.push(`${event.name} ${hex(event.payload)}`);
      if (event.type !== 'query') continue;
      this.queries.push(`${event.name} ${hex(event.payload)}`);
      const answer = this.answer(event);
      if (answer !== undefined) await this.client.respond(event.id, answer);
    }
  }
}

export function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}
