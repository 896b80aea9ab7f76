import type { EngineHost, HostListener } from '../../src/engine/host.js';
import type {
  EngineCommand,
  EngineNotice,
  EngineResult,
  QueryNotice,
} from '../../src/engine/protocol.js';
import type { UserEvent } from '../../src/serf/event.js';
import type { MemberEvent, MemberStatus, SerfMember } from '../../src/serf/member.js';

/*
 * An engine that the test plays. Each test file puts it in the place of the real one, because mocks belong to their file:
 * vi.mock('../../src/engine/host.js', async () => (await import('./fake-engine.js')).fakeHosts);
 * This module must not import the handle: the handle's own imports wait for this one.
 */

/** An engine that does what the test says. */
export class FakeHost implements EngineHost {
  readonly sent: EngineCommand[] = [];
  readonly listener: HostListener;
  answers = true;
  stopped = false;

  constructor(listener: HostListener) {
    this.listener = listener;
  }

  send(command: EngineCommand): void {
    this.sent.push(command);
    if (!this.answers) return;
    if (command.type === 'start') this.tell(...startNotices);
    else if (command.type === 'join') this.done(command.request, nobody);
    else if (command.type !== 'received') this.done(command.request, { type: 'ok' });
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  tell(...notices: EngineNotice[]): void {
    this.listener.notices(notices);
  }

  done(request: number, result: EngineResult): void {
    this.tell({ type: 'done', request, result });
  }

  get last(): EngineCommand & { request: number } {
    const command = this.sent.at(-1);
    if (command === undefined || !('request' in command)) throw new Error('nothing was asked');
    return command;
  }
}

const nobody: EngineResult = { type: 'joined', contacted: 0, errors: ['failed to join x: y'] };

/** The engines that were started in this test, in their order. */
export const hosts: FakeHost[] = [];

/** What an engine tells when it is started. */
export let startNotices: EngineNotice[] = [];

export function startWith(...notices: EngineNotice[]): void {
  startNotices = notices;
}

/** For `beforeEach`: engines that start as they should. */
export function freshEngines(): void {
  hosts.length = 0;
  startWith(told(joined('me')), {
    type: 'started',
    local: member('me'),
    bind: { host: '127.0.0.1', port: 7 },
  });
}

const make = (listener: HostListener): FakeHost => {
  const host = new FakeHost(listener);
  hosts.push(host);
  return host;
};

/** In the place of the module that starts engines. */
export const fakeHosts = { workerHost: make, inlineHost: make };

export function member(name: string, status: MemberStatus = 'alive'): SerfMember {
  const versions = {
    protocolMin: 1,
    protocolMax: 5,
    protocolCurrent: 2,
    delegateMin: 2,
    delegateMax: 5,
    delegateCurrent: 5,
  };
  const endpoint = { host: '10.0.0.1', port: 1 };
  const address = Uint8Array.of(10, 0, 0, 1);
  return { name, address, port: 1, endpoint, tags: {}, status, versions };
}

export const joined = (name: string): MemberEvent => ({
  type: 'member-join',
  members: [member(name)],
});
export const told = (event: Extract<EngineNotice, { type: 'event' }>['event']): EngineNotice => ({
  type: 'event',
  event,
});
export const bytes = (text: string) => new TextEncoder().encode(text);
export const deployed: UserEvent = {
  type: 'user',
  ltime: 4,
  name: 'deploy',
  payload: bytes('v1'),
  coalesce: false,
};
export const asked = (name: string, query = 9): QueryNotice => ({
  type: 'query',
  query,
  ltime: 5,
  id: 77,
  name,
  payload: bytes('?'),
  from: 'a',
  deadline: 1_700_000_000_000,
});

export const turn = () => new Promise((resolve) => setImmediate(resolve));
