import { isMemberEventType, type MemberEventType } from '@tserf/client';

/** One element of a filter (spec/07 §15.1): which events a handler is for. */
export interface EventPattern {
  readonly event: MemberEventType | 'user' | 'query' | '*';
  /** Of a user event or query; empty is every name. */
  readonly name: string;
}

/** Every form of an element, for messages about others. */
export const eventForms =
  '*, user, user:NAME, query, query:NAME or member- with join, leave, failed, update or reap';

/**
 * Reads one element such as `member-join`, `user:deploy` or `*`. Nothing is trimmed, case counts, and a name may be
 * anything. Undefined when it names no event.
 */
export function parseEventPattern(element: string): EventPattern | undefined {
  const [, kind, name = ''] = /^(user|query)(?::(.*))?$/s.exec(element) ?? [];
  if (kind === 'user' || kind === 'query') return { event: kind, name };
  if (element === '*' || isMemberEventType(element)) return { event: element, name: '' };
  return undefined;
}

/** What a pattern is compared with; every event of the agent fits. */
export interface NamedEvent {
  readonly type: MemberEventType | 'user' | 'query';
  /** Of a user event or query. */
  readonly name?: string;
}

export function matchesEvent({ event, name }: EventPattern, of: NamedEvent): boolean {
  if (event === '*') return true;
  return event === of.type && (name === '' || name === of.name);
}
