import { hostname } from 'node:os';
import { Measure, type Metric } from '@tserf/core';
import type { AgentConfig } from '../config/agent-config.js';
import { after, type Timer } from '../delay.js';
import { RareLog } from '../rare-log.js';
import { Buckets, bucketMs } from './buckets.js';
import { metricLines, type NamedMetric } from './metric-line.js';
import { MetricsSink } from './metrics-sink.js';
import { RuntimeMetrics } from './runtime-metrics.js';
import { dialTcp, dialUdp } from './wire.js';

/** What all names begin with. */
const service = 'serf-agent';

/** How often servers hear of what happened. */
const sendMs = 1_000;

/** A moment behind the turn of a bucket: a timer that came a little early would miss the bucket's end. */
const lateMs = 5;

/** Names that are told apart; handlers' commands are among them. */
const nameLimit = 1_000;

export interface MetricsParts {
  readonly config: Pick<AgentConfig, 'statsdAddr' | 'statsiteAddr'>;
  /** What the engine measured since the last call. */
  readonly take: () => Promise<readonly Metric[]>;
  readonly log: ConstructorParameters<typeof RareLog>[0];
}

/**
 * Serf's telemetry: the last minute in memory, for the operator's signal, and all of it to statsd and statsite where they
 * are configured (spec/07 §13).
 */
export class Metrics {
  readonly #parts: MetricsParts;
  readonly #buckets = new Buckets(performance.timeOrigin);
  readonly #runtime = new RuntimeMetrics();
  readonly #sinks: readonly MetricsSink[];
  readonly #own = new Map<string, { type: 'counter' | 'sample'; measure: Measure }>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    this.#sinks = sinksOf(parts);
    this.#schedule();
  }

  /** Something happened in this thread. */
  count(name: string): void {
    this.#add('counter', name, 1);
  }

  /** Something was measured in this thread. */
  sample(name: string, value: number): void {
    this.#add('sample', name, value);
  }

  /** The last minute in Serf's form, without the ten seconds that are not over. */
  dump(): string {
    return this.#buckets.dump(Date.now());
  }

  /** Stopping twice is harmless. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#runtime.stop();
    for (const sink of this.#sinks) sink.stop();
  }

  #add(type: 'counter' | 'sample', name: string, value: number): void {
    let own = this.#own.get(name);
    if (own === undefined) {
      if (this.#own.size >= nameLimit) return;
      own = { type, measure: new Measure() };
      this.#own.set(name, own);
    }
    own.measure.add(value, Date.now());
  }

  /** In step with the wall clock, so that what is taken belongs to one bucket. */
  #schedule(): void {
    const everyMs = this.#sinks.length > 0 ? sendMs : bucketMs;
    const nowMs = Date.now();
    const dueMs = nowMs - (nowMs % everyMs) + everyMs;
    // What is taken then was measured before: at the turn of a bucket it belongs to the one that ends.
    this.#timer = after(dueMs - nowMs + lateMs, () => void this.#collect(dueMs - 1));
  }

  async #collect(atMs: number): Promise<void> {
    try {
      const measured = [...(await this.#parts.take()), ...this.#runtime.take(), ...this.#takeOwn()];
      if (this.#isStopped) return;
      const named = measured.map((metric) => this.#named(metric));
      for (const metric of named) this.#buckets.add(metric, atMs);
      const lines = this.#sinks.length > 0 ? named.flatMap(metricLines) : [];
      for (const sink of this.#sinks) sink.write(lines);
    } catch {
      // The engine is no more, and the agent about to end: whoever waits for it is told why.
    }
    if (!this.#isStopped) this.#schedule();
  }

  #takeOwn(): Metric[] {
    return [...this.#own].flatMap(([name, { type, measure }]) => {
      const measured = measure.take();
      return measured === undefined ? [] : [{ type, name, measured }];
    });
  }

  /** With a server somewhere, gauges name this machine: those of several would overwrite each other. */
  #named(metric: Metric): NamedMetric {
    const machine = metric.type === 'gauge' && this.#sinks.length > 0 ? `.${hostname()}` : '';
    return { ...metric, name: `${service}${machine}.${metric.name}` };
  }
}

function sinksOf({ config, log }: MetricsParts): MetricsSink[] {
  const troubles = new RareLog(log);
  const { statsdAddr, statsiteAddr } = config;
  return [
    ...(statsdAddr === undefined
      ? []
      : [
          new MetricsSink({
            name: 'statsd',
            address: statsdAddr,
            network: 'udp',
            dial: dialUdp,
            troubles,
          }),
        ]),
    ...(statsiteAddr === undefined
      ? []
      : [
          new MetricsSink({
            name: 'statsite',
            address: statsiteAddr,
            network: 'tcp',
            dial: dialTcp,
            troubles,
          }),
        ]),
  ];
}
