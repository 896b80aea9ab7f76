import { type EventPattern, parseEventPattern } from '../events/event-pattern.js';

/** One element of a handler in Serf's form: a script, and the events that it runs for. */
export interface EventHandler {
  readonly pattern: EventPattern;
  readonly script: string;
}

/** A handler whose filter names no event. The message is Serf's. */
export class EventHandlerError extends Error {
  override readonly name = 'EventHandlerError';
}

/**
 * Reads `[FILTER=]SCRIPT` (spec/07 §15.1): it is split at the first `=`, and each element of the filter's list becomes
 * a handler of its own. Without a filter it is for every event. Raises EventHandlerError for the first element that
 * names no event.
 */
export function parseEventHandler(text: string): EventHandler[] {
  const at = text.indexOf('=');
  const filter = text.slice(0, Math.max(0, at)) || '*';
  const script = text.slice(at + 1);
  return filter.split(',').map((element) => {
    const pattern = parseEventPattern(element);
    if (pattern !== undefined) return { pattern, script };
    throw new EventHandlerError(`Invalid event script: Event '${element}' invoking '${script}'`);
  });
}
