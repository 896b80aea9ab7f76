import { expect, test } from 'vitest';
import { HandlerSlot } from '../../src/handlers/handler-slot.js';
import { userEvent } from '../events.js';
import { eventually } from '../running.js';

const none = { eventHandlers: [], eventHandlerTimeoutMs: undefined, handlers: [] };

function makeSlot() {
  const log: string[] = [];
  const slot = new HandlerSlot({
    localNode: () => ({ name: 'a', tags: {} }),
    respond: () => Promise.resolve(),
    log: (_level, text) => log.push(text),
  });
  return { slot, log };
}

test('what comes before the first handlers are there is for them', async () => {
  const { slot, log } = makeSlot();

  slot.take(userEvent('1'));
  const loaded = slot.replace({ ...none, eventHandlers: ['user=echo $SERF_USER_EVENT'] });
  slot.take(userEvent('2'));
  await loaded;
  slot.take(userEvent('3'));

  await eventually(() => log.length === 3);
  expect(log).toEqual(
    ['1', '2', '3'].map((name) => `agent: Event 'user' script output: ${name}\n`),
  );
  await slot.stop();
});

test('what comes while there are none is for nobody', async () => {
  const { slot, log } = makeSlot();
  slot.take(userEvent('1'));
  await slot.replace(none);
  slot.take(userEvent('2'));

  await slot.replace({ ...none, eventHandlers: ['user=echo $SERF_USER_EVENT'] });
  slot.take(userEvent('3'));

  await eventually(() => log.length > 0);
  expect(log).toEqual(["agent: Event 'user' script output: 3\n"]);
  expect(slot.eventHandlers()).toEqual({ 'user:': 'echo $SERF_USER_EVENT' });
  await slot.stop();
});

test('stopped while it loads, it runs nothing', async () => {
  const { slot } = makeSlot();

  const loading = slot.replace({ ...none, eventHandlers: ['user=true'] });
  await slot.stop();
  await loading;
  slot.take(userEvent('1'));

  expect(slot.counters()).toEqual({});
});
