import { describe, expect, test } from 'vitest';
import { EventHandlerError, parseEventHandler } from '../../src/handlers/event-handler.js';

/** As `event:name → script`, one line each. */
const read = (text: string) =>
  parseEventHandler(text).map(
    ({ pattern, script }) => `${pattern.event}:${pattern.name} → ${script}`,
  );

describe('Serf’s form of a handler', () => {
  test.each([
    ['h.sh', ['*: → h.sh']],
    ['member-join=h.sh', ['member-join: → h.sh']],
    ['member-join,user:deploy=h.sh', ['member-join: → h.sh', 'user:deploy → h.sh']],
    ['user=h.sh', ['user: → h.sh']],
    ['query:load=uptime', ['query:load → uptime']],
    ['*=h.sh', ['*: → h.sh']],
    ['=h.sh', ['*: → h.sh']],
    ['query:,user:=x', ['query: → x', 'user: → x']],
    ['user:a:b=x', ['user:a:b → x']],
    ['user: a\nb=x', ['user: a\nb → x']],
    ['*=FOO=1 cmd', ['*: → FOO=1 cmd']],
    ['member-join,*=h.sh', ['member-join: → h.sh', '*: → h.sh']],
    ['member-leave=a,b=c', ['member-leave: → a,b=c']],
    ['user=', ['user: → ']],
    ['', ['*: → ']],
  ])('%j is read as %j', (text, handlers) => {
    expect(read(text)).toEqual(handlers);
  });

  test.each([
    ['FOO=1 cmd', 'FOO', '1 cmd'],
    ['foo=h.sh', 'foo', 'h.sh'],
    ['User=h.sh', 'User', 'h.sh'],
    ['member=h.sh', 'member', 'h.sh'],
    ['user,foo:x=h.sh', 'foo:x', 'h.sh'],
    ['member-join, user=x', ' user', 'x'],
    ['member-join,=x', '', 'x'],
    ['member-join:x=h.sh', 'member-join:x', 'h.sh'],
    ['env A=1 x', 'env A', '1 x'],
  ])('%j is refused in Serf’s words', (text, element, script) => {
    expect(() => parseEventHandler(text)).toThrow(
      new EventHandlerError(`Invalid event script: Event '${element}' invoking '${script}'`),
    );
  });
});
