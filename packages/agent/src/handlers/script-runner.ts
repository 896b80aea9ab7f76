import { TextDecoder } from 'node:util';
import type { LogLevel, Tags } from '@tserf/core';
import { after } from '../delay.js';
import { ManagedProcess, type ProcessOptions } from '../processes/managed-process.js';
import type { PipeMaker } from '../processes/pipe-maker.js';
import type { HostEvent } from '../rpc/host.js';
import { failureText } from './end-text.js';
import type { LocalNode } from './local-node.js';
import { scriptEnvironment, tagCollisions } from './script-environment.js';
import { scriptInput } from './script-input.js';

/** A script that runs longer is worth a line (spec/07 §15.3). */
const slowMs = 1_000;

/** Of longer output the log has the end. */
const loggedBytes = 8_192;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What scripts need of the agent. */
export interface ScriptHost {
  /** Name and tags as they are now. */
  localNode(): LocalNode;
  /** Answers a query; rejects with Serf's text. */
  respond(query: number, payload: Uint8Array): Promise<void>;
  log(level: LogLevel, text: string): void;
  /** Hears how long each script ran. */
  ran?(script: string, ms: number): void;
}

export interface ScriptRun
  extends Pick<ProcessOptions, 'program' | 'group' | 'outputLimitBytes' | 'timeoutMs'> {
  /** What the log calls it. */
  readonly script: string;
  readonly event: HostEvent;
  readonly node: LocalNode;
}

export type ScriptOutcome = 'succeeded' | 'failed' | 'timed out' | 'abandoned';

export interface RunningScript {
  readonly process: ManagedProcess;
  /** Never rejects. By then the log has been written and the query answered. */
  readonly outcome: Promise<ScriptOutcome>;
}

/** Runs scripts by Serf's contract: environment, input, log, and output as the answer to a query (spec/07 §15). */
export class ScriptRunner {
  readonly #host: ScriptHost;
  readonly #pipes: PipeMaker;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #toldTags: Tags | undefined;

  /** `environment` is what scripts inherit. */
  constructor(
    host: ScriptHost,
    pipes: PipeMaker,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#host = host;
    this.#pipes = pipes;
    this.#environment = environment;
  }

  start(run: ScriptRun): RunningScript {
    const { program, group, outputLimitBytes, timeoutMs, event, node } = run;
    this.#tellCollisions(node.tags);
    const environment = scriptEnvironment(this.#environment, node, event);
    const input = scriptInput(event);
    const process = new ManagedProcess(
      { program, group, outputLimitBytes, timeoutMs, environment, input },
      this.#pipes,
    );
    return { process, outcome: this.#follow(run, process) };
  }

  /** Once for the same tags. */
  #tellCollisions(tags: Tags): void {
    if (tags === this.#toldTags) return;
    this.#toldTags = tags;
    for (const text of tagCollisions(tags)) this.#host.log('WARN', `agent: ${text}`);
  }

  async #follow(run: ScriptRun, process: ManagedProcess): Promise<ScriptOutcome> {
    const { script, event, program, outputLimitBytes } = run;
    const startMs = performance.now();
    const slow = after(slowMs, () => {
      this.#host.log('WARN', `agent: Script '${script}' slow, execution exceeding 1s`);
    });
    const { end, output, writtenBytes, inputError } = await process.result;
    slow.cancel();
    if (end.type === 'abandoned') return 'abandoned';
    this.#host.ran?.(script, performance.now() - startMs);

    if (inputError !== undefined && !('members' in event)) {
      this.#host.log('ERR', `Error writing payload: ${inputError}`);
    }
    if (writtenBytes > outputLimitBytes) {
      const cut = `generated ${writtenBytes} bytes of output, truncated to ${outputLimitBytes}`;
      this.#host.log('WARN', `agent: Script '${script}' ${cut}`);
    }
    const logged = utf8.decode(output.subarray(-loggedBytes));
    this.#host.log('DEBUG', `agent: Event '${event.type}' script output: ${logged}`);
    const failure = failureText(end, program.file);
    if (failure !== undefined) {
      this.#host.log('ERR', `agent: Error invoking script '${script}': ${failure}`);
      return end.type === 'timed out' ? 'timed out' : 'failed';
    }
    await this.#answer(event, output);
    return 'succeeded';
  }

  async #answer(event: HostEvent, output: Uint8Array): Promise<void> {
    if (event.type !== 'query' || output.length === 0) return;
    try {
      await this.#host.respond(event.query, output);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const text = `agent: Failed to respond to query 'query: ${event.name}': ${reason}`;
      this.#host.log('WARN', text);
    }
  }
}
