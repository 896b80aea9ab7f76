import type { HostQuery, HostUserEvent } from '../src/rpc/host.js';

export function userEvent(
  name: string,
  { text = '', ...changes }: Partial<HostUserEvent> & { text?: string } = {},
): HostUserEvent {
  return { type: 'user', name, ltime: 1, payload: Buffer.from(text), coalesce: false, ...changes };
}

export function incomingQuery(name: string, changes: Partial<HostQuery> = {}): HostQuery {
  return {
    type: 'query',
    query: 1,
    name,
    ltime: 1,
    payload: Buffer.alloc(0),
    from: 'asker',
    deadline: Date.now() + 60_000,
    ...changes,
  };
}
