import { JoinError } from '@tserf/core';
import { Agent } from './agent.js';
import type { AgentConfig } from './config/agent-config.js';
import { ConfigError } from './config/config-error.js';
import { mergeLayers, readLayers } from './config/layers.js';
import type { ConfigInUse } from './config/reload-config.js';
import { resolveLayers } from './config/resolve-config.js';
import { bannerLines } from './console/banner.js';
import { Console, type TextSink } from './console/console.js';
import { within } from './delay.js';
import type { AgentFlags } from './flags.js';
import { isAtLeast, type LogRecord } from './log-record.js';
import { Reloader } from './reload/reloader.js';
import { hasEnded, retryJoin } from './retry-join.js';
import { type AgentSignal, SignalQueue, type SignalSource, signalWords } from './signals.js';
import { AgentStartError, joinRemedy } from './start-error.js';
import type { Syslog } from './syslog/syslog.js';

export interface RunOptions {
  readonly flags: AgentFlags;
  /** Everything for the operator, errors included, as Serf does it. */
  readonly stdout: TextSink;
  /** What SIGUSR1 asks for. */
  readonly stderr: TextSink;
  /**
   * Default: the process's own. Then the process is the agent's: a signal that comes while it ends must not change its
   * exit code, so they stay handled until it is gone. A source that was handed in is let go of.
   */
  readonly signals?: SignalSource | undefined;
}

/** A leave by signal takes no longer: Serf's limit (spec/07 §10). */
const leaveLimitMs = 3_000;

/** What an engine that does not answer may delay the end. */
const shutdownLimitMs = 3_000;

/**
 * Runs an agent as a command does, in Serf's sequence and words (spec/07 §7, §10), until it ends. Resolves to the exit
 * code; by then everything is closed.
 */
export async function runAgent({ flags, stdout, stderr, signals }: RunOptions): Promise<number> {
  const queue = new SignalQueue(signals ?? process, () => {
    void run.telemetry().then((text) => stderr.write(text));
  });
  const run = new AgentRun(flags, new Console(stdout), queue);
  try {
    return await run.run();
  } finally {
    await run.close();
    if (signals !== undefined) queue.close();
  }
}

class AgentRun {
  readonly #flags: AgentFlags;
  readonly #console: Console;
  readonly #signals: SignalQueue;
  readonly #stopRetrying = new AbortController();
  #syslog: Syslog | undefined;
  #starting: Promise<Agent> | undefined;
  /** Absent until there is an agent to reload. */
  #reloader: Reloader | undefined;
  /** Aborted when a signal came before the start was complete: nothing more is said of that. */
  readonly #abandoned = new AbortController();

  constructor(flags: AgentFlags, console: Console, signals: SignalQueue) {
    this.#flags = flags;
    this.#console = console;
    this.#signals = signals;
  }

  async run(): Promise<number> {
    const start = await this.#orSignal(this.#start());
    if ('signal' in start) return this.#abandon(start.signal);
    const agent = start.value;
    if (agent === undefined) return 1;

    const end = await this.#orSignal(Promise.race([this.#closed(agent), this.#retryJoin(agent)]));
    return 'signal' in end ? this.#endBySignal(agent, end.signal) : end.value;
  }

  /** What was measured in the last minute; nothing before there is an agent. */
  async telemetry(): Promise<string> {
    return (await this.#startedAgent())?.telemetry() ?? '';
  }

  /** Whatever happened, nothing stays open. */
  async close(): Promise<void> {
    this.#stopRetrying.abort();
    const agent = await this.#startedAgent();
    if (agent !== undefined) await within(shutdownLimitMs, agent.shutdown(), undefined);
    await this.#syslog?.close();
  }

  /** Resolves to undefined when the start failed or was abandoned; the operator has been told. */
  async #start(): Promise<Agent | undefined> {
    const { signal } = this.#abandoned;
    try {
      const layers = await readLayers(this.#flags);
      const config = await resolveLayers(layers, (line) => this.#console.output(line));
      signal.throwIfAborted();
      this.#console.minimum = config.logLevel;
      if (config.syslog.enabled) this.#syslog = await this.#openSyslog(config);
      signal.throwIfAborted();
      this.#console.output('Starting Serf agent...');
      this.#starting = Agent.start(config, { onLog: (record) => this.#log(record) });
      const agent = await this.#starting;
      signal.throwIfAborted();
      this.#reloader = this.#makeReloader(agent, { config, settings: mergeLayers(layers) });
      this.#showBanner(config);
      await this.#startJoin(agent);
      signal.throwIfAborted();
      this.#console.info('');
      this.#console.output('Log data will now stream in as it occurs:');
      this.#console.info('');
      this.#console.releaseLog();
      return agent;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!isExpected(error)) throw error;
      this.#console.fail(error.message);
      if (error instanceof JoinError) this.#console.output(joinRemedy(error.message));
      return undefined;
    }
  }

  #makeReloader(agent: Agent, inUse: ConfigInUse): Reloader {
    const ending = new AbortController();
    void agent.closed.finally(() => ending.abort());
    const console = this.#console;
    return new Reloader(inUse, { agent, flags: this.#flags, console, ending: ending.signal });
  }

  async #openSyslog({ syslog: { facility } }: AgentConfig): Promise<Syslog> {
    const { Syslog } = await import('./syslog/syslog.js');
    return Syslog.open({
      facility,
      trouble: (level, text) => void this.#startedAgent().then((agent) => agent?.log(level, text)),
    });
  }

  /** Both have the same level; the banner holds up the console alone. */
  #log(record: LogRecord): void {
    this.#console.log(record);
    if (isAtLeast(record.level, this.#console.minimum)) this.#syslog?.write(record);
  }

  #showBanner(config: AgentConfig): void {
    this.#console.output('Starting Serf agent RPC...');
    this.#console.output('Serf agent running!');
    for (const line of bannerLines(config)) this.#console.info(line);
  }

  /** One attempt over all addresses; that none answers ends the agent. */
  async #startJoin(agent: Agent): Promise<void> {
    const { startJoin, replayOnJoin: replay } = agent.config;
    if (startJoin.length === 0) return;
    this.#console.output(`Joining cluster...(replay: ${replay})`);
    try {
      const count = await agent.join(startJoin, { replay });
      if (this.#abandoned.signal.aborted) return;
      this.#console.info(`Join completed. Synced with ${count} initial agents`);
    } catch (error) {
      // RPC is served already, so a client may have ended it meanwhile: `closed` says what became of it.
      if (!hasEnded(error)) throw error;
    }
  }

  /** Resolves only when all attempts were in vain. */
  async #retryJoin(agent: Agent): Promise<number> {
    if (agent.config.retryJoin.length > 0) {
      const end = await retryJoin(agent, agent.config, this.#stopRetrying.signal);
      if (end === 'gave up') return 1;
    }
    return new Promise(() => {});
  }

  /** An RPC client, or a part of this program, ended it; or the engine broke. */
  async #closed(agent: Agent): Promise<number> {
    const end = await agent.closed;
    if (end.type === 'shutdown') return 0;
    this.#console.output(`Error: ${end.error.message} (start the agent again)`);
    return 1;
  }

  async #endBySignal(agent: Agent, signal: AgentSignal): Promise<number> {
    const { leaveOnTerminate, skipLeaveOnInterrupt } = agent.config;
    const leaves = signal === 'SIGINT' ? !skipLeaveOnInterrupt : leaveOnTerminate;
    if (!leaves) return 1;

    this.#stopRetrying.abort();
    this.#console.output('Gracefully shutting down agent...');
    const left = agent.leave().then(
      () => ({ code: 0 }),
      (error: Error) => ({ code: 1, error }),
    );
    // The next signal of any kind is from somebody who cannot wait; nothing is said about it.
    const impatient = this.#signals.arrived().then(() => ({ code: 1 }));
    const end: { code: number; error?: Error } = await within(
      leaveLimitMs,
      Promise.race([left, impatient]),
      { code: 1 },
    );
    if (end.error !== undefined) this.#console.output(`Error: ${end.error.message}`);
    return end.code;
  }

  /**
   * A signal before the start was complete. Serf just dies of it, and its peers see a failure; here the node says
   * goodbye to whom it has met, and the exit code says that it never ran.
   */
  async #abandon(signal: AgentSignal): Promise<number> {
    this.#abandoned.abort();
    const agent = await within(shutdownLimitMs, this.#startedAgent(), undefined);
    const hasMet = agent?.members().some(({ name }) => name !== agent.config.node) === true;
    this.#console.fail('The agent was stopped before its start was complete');
    if (agent !== undefined && hasMet) await this.#endBySignal(agent, signal);
    return 1;
  }

  async #startedAgent(): Promise<Agent | undefined> {
    return this.#starting?.catch(() => undefined);
  }

  /** Waits for `work`, or for a signal to end. A reload is answered and waited over. */
  async #orSignal<T>(work: Promise<T>): Promise<{ value: T } | { signal: AgentSignal }> {
    const done = work.then((value) => ({ value }));
    for (;;) {
      const first = await Promise.race([done, this.#signals.arrived()]);
      const signal = this.#signals.take();
      if (signal === undefined) return first ?? done;
      this.#console.output(`Caught signal: ${signalWords[signal]}`);
      if (signal !== 'SIGHUP') return { signal };
      // Not waited for: a signal that ends the agent must not wait for the news of new tags.
      if (this.#reloader !== undefined) void this.#reloader.reload();
      else this.#console.output('Nothing was reloaded: the agent is still starting');
    }
  }
}

/** The error of a person or a machine, not one of ours: its message is all there is to say. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof ConfigError || error instanceof AgentStartError || error instanceof JoinError
  );
}
