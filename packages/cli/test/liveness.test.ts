import { RpcError } from '@tserf/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../src/main.js';
import type { Connect } from '../src/rpc.js';
import { fakeAgent } from './support/fake-agent.js';
import { recordIo, run } from './support/terminal.js';

const silent = () => new RpcError('TIMEOUT', 'no answer to handshake within 10000 ms');

describe('the time that an agent is given', () => {
  test.each([
    [{}, [], { timeoutMs: 10_000, replyTimeoutMs: 0 }],
    [{}, ['-rpc-timeout=1.5s'], { timeoutMs: 1_500, replyTimeoutMs: 1_500 }],
    [{ TSERF_RPC_TIMEOUT: '3s' }, [], { timeoutMs: 3_000, replyTimeoutMs: 3_000 }],
    [{ TSERF_RPC_TIMEOUT: '3s' }, ['-rpc-timeout=0'], { timeoutMs: 0, replyTimeoutMs: 0 }],
    [{ TSERF_RPC_TIMEOUT: '' }, [], { timeoutMs: 10_000, replyTimeoutMs: 0 }],
  ])('with the environment %j and the flags %j is %j', async (env, flags, expected) => {
    const agent = fakeAgent();

    await run(['leave', ...flags], { connect: agent.connect, env });

    expect(agent.targets).toMatchObject([expected]);
  });

  test.each([
    [{ TSERF_RPC_TIMEOUT: '5' }, [], '$TSERF_RPC_TIMEOUT: "5" is no duration such as 10s'],
    [{}, ['-rpc-timeout=-1s'], 'the RPC timeout cannot be negative'],
  ])('is refused: %j %j', async (env, flags, problem) => {
    const agent = fakeAgent();

    expect(await run(['leave', ...flags], { connect: agent.connect, env })).toEqual({
      code: 1,
      stdout: `Error: ${problem}\n`,
      stderr: '',
    });
    expect(agent.targets).toEqual([]);
  });
});

test('an agent that greets nobody is told from one that is not there', async () => {
  const { connect } = fakeAgent({ connectError: silent() });

  expect(await run(['members'], { connect })).toEqual({
    code: 1,
    stdout: 'Error connecting to Serf agent: the agent does not answer (nothing for 10 s)\n',
    stderr: '',
  });
});

describe('while a request takes long', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** An agent that never answers a leave; `look` says what each later connection finds. */
  function slowAgent(look: () => Promise<void>) {
    const agent = fakeAgent();
    let connections = 0;
    let fail = (_error: Error) => {};
    const connect: Connect = async (target) => {
      const client = await agent.connect(target);
      if (connections++ > 0) {
        await look();
        return { ...client, close: async () => {} };
      }
      return {
        ...client,
        leave: () => new Promise<void>((_, reject) => (fail = reject)),
        close: async () => fail(new RpcError('CLOSED', 'client closed')),
      };
    };
    return {
      connect,
      connections: () => connections,
      end: () => fail(new RpcError('CLOSED', 'client closed')),
    };
  }

  test('an agent that greets others is waited for', async () => {
    const agent = slowAgent(async () => {});
    const terminal = recordIo();
    let code: number | undefined;
    void main(['leave'], terminal.io, { connect: agent.connect }).then((value) => (code = value));

    await vi.advanceTimersByTimeAsync(125_000);

    expect(code).toBeUndefined();
    expect(agent.connections()).toBe(13);

    agent.end();
    await vi.advanceTimersByTimeAsync(1);

    expect(code).toBe(1);
    expect(terminal.stdout()).toBe('Error leaving: client closed\n');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('one that greets nobody is given up', async () => {
    const agent = slowAgent(() => Promise.reject(silent()));
    const terminal = recordIo();
    const code = main(['leave'], terminal.io, { connect: agent.connect });

    await vi.advanceTimersByTimeAsync(10_001);

    expect(await code).toBe(1);
    expect(terminal.stdout()).toBe(
      'Error leaving: the agent has stopped answering (nothing for 10 s)\n',
    );
  });

  test('one that refuses others is waited for: what ends it ends this connection too', async () => {
    const refusal = new RpcError(
      'CONNECT_FAILED',
      'dial tcp 127.0.0.1:7373: connect: connection refused',
    );
    const agent = slowAgent(() => Promise.reject(refusal));
    const terminal = recordIo();
    let isOver = false;
    void main(['leave'], terminal.io, { connect: agent.connect }).then(() => (isOver = true));

    await vi.advanceTimersByTimeAsync(35_000);

    expect(isOver).toBe(false);
    agent.end();
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver).toBe(true);
  });

  test('-rpc-timeout=0 waits without looking', async () => {
    const agent = slowAgent(() => Promise.reject(silent()));
    void main(['leave', '-rpc-timeout=0'], recordIo().io, { connect: agent.connect });

    await vi.advanceTimersByTimeAsync(3_600_000);

    expect(agent.connections()).toBe(1);
    agent.end();
  });

  test('a time longer than a timer takes is no reason to look without a pause', async () => {
    const agent = slowAgent(async () => {});
    void main(['leave', '-rpc-timeout=1000h'], recordIo().io, { connect: agent.connect });

    await vi.advanceTimersByTimeAsync(3_600_000);

    expect(agent.connections()).toBe(1);
    agent.end();
  });

  test('a query keeps what had come, and says that the agent hangs', async () => {
    const agent = fakeAgent();
    const terminal = recordIo();
    let connections = 0;
    const connect: Connect = async (target) => {
      if (connections++ > 0) throw silent();
      return agent.connect(target);
    };
    const code = main(['query', 'x'], terminal.io, { connect });
    await vi.waitFor(() => expect(terminal.stdout()).not.toBe(''));
    agent.updates.push({ type: 'ack', from: 'n1' });

    await vi.advanceTimersByTimeAsync(10_000);

    expect(await code).toBe(1);
    expect(terminal.stdout()).toBe(
      "Query 'x' dispatched\nAck from 'n1'\nTotal Acks: 1\nTotal Responses: 0\n",
    );
    expect(terminal.stderr()).toBe(
      'Error sending query: the agent has stopped answering (nothing for 10 s)\n',
    );
  });

  test('a monitor is not looked after: each look would be a line in it', async () => {
    const agent = fakeAgent();
    const terminal = recordIo();
    const code = main(['monitor'], terminal.io, { connect: agent.connect });
    await vi.waitFor(() => expect(agent.calls).toHaveLength(2));

    await vi.advanceTimersByTimeAsync(60_000);

    expect(agent.targets).toHaveLength(1);
    terminal.signal('SIGINT');
    expect(await code).toBe(0);
  });
});
