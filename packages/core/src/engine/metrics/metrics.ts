import type { SerfNode } from '../../serf/serf-node.js';
import type { Measure, Measured } from '../../swim/measure.js';
import type { EngineMeasures } from './engine-measures.js';

/** One of Serf's metrics, without the service's name in front (spec/07 §13.2). */
export type Metric =
  | { readonly type: 'gauge'; readonly name: string; readonly value: number }
  /** What happened, or was measured, since the metrics were last asked for. `lastMs` is of the wall clock. */
  | { readonly type: 'counter' | 'sample'; readonly name: string; readonly measured: Measured };

/** Milliseconds of each write to the snapshot, and of each rewriting. */
export interface SnapshotMeasures {
  readonly appends: Measure;
  readonly compactions: Measure;
}

/** What the node under the engine counts and measures. */
type CountingNode = Pick<SerfNode, 'membership' | 'counters' | 'measures'>;

/** Tells what an engine measured: each value once, to whoever asks first. */
export class Metrics {
  readonly #node: CountingNode;
  readonly #measures: EngineMeasures;
  readonly #snapshot: SnapshotMeasures | undefined;
  /** Totals as they were told last. */
  readonly #told = new Map<string, number>();

  constructor(
    node: CountingNode,
    measures: EngineMeasures,
    snapshot: SnapshotMeasures | undefined,
  ) {
    this.#node = node;
    this.#measures = measures;
    this.#snapshot = snapshot;
  }

  /** `wallClockMs` is what the wall clock shows at `nowMs`. */
  take(nowMs: number, wallClockMs: number): Metric[] {
    const metrics: Metric[] = this.#gauges();
    const add = (type: 'counter' | 'sample', name: string, measured: Measured | undefined) => {
      if (measured === undefined) return;
      const lastMs = wallClockMs - (nowMs - measured.lastMs);
      metrics.push({ type, name, measured: { ...measured, lastMs } });
    };
    for (const [name, measure] of this.#counters()) add('counter', name, measure.take());
    for (const [name, total] of this.#totals())
      add('counter', name, this.#newOf(name, total, nowMs));
    for (const [name, measure] of this.#samples()) add('sample', name, measure.take());
    return metrics;
  }

  #gauges(): Metric[] {
    const { membership } = this.#node;
    const states = { alive: 0, dead: 0, left: 0, suspect: 0 };
    for (const { state } of membership.allMembers()) states[state] += 1;
    const gauges = {
      'memberlist.health.score': membership.healthScore,
      ...Object.fromEntries(
        Object.entries(states).map(([state, count]) => [
          `memberlist.node.instances.${state}`,
          count,
        ]),
      ),
      'memberlist.size.local': this.#measures.localStateBytes,
    };
    return Object.entries(gauges).map(([name, value]) => ({ type: 'gauge', name, value }));
  }

  #counters(): [name: string, measure: Measure][] {
    const { measures } = this.#node.membership;
    const engine = this.#measures;
    return [
      ['memberlist.tcp.accept', engine.streamsAccepted],
      ['memberlist.tcp.connect', engine.streamsDialled],
      ['memberlist.tcp.sent', engine.streamBytesSent],
      ['memberlist.udp.sent', engine.udpSent],
      ['memberlist.udp.received', engine.udpReceived],
      ['memberlist.msg.alive', measures.alive],
      ['memberlist.msg.suspect', measures.suspect],
      ['memberlist.msg.dead', measures.dead],
      ['memberlist.degraded.probe', measures.failedProbes],
      ['memberlist.degraded.timeout', measures.unconfirmedDeaths],
      ...engine.events,
    ];
  }

  /** What is counted anyway, from the start on. */
  #totals(): [name: string, total: number][] {
    const { counters } = this.#node;
    return [
      ['serf.query_acks', counters.queryAcks],
      ['serf.query_duplicate_acks', counters.queryDuplicateAcks],
      ['serf.query_responses', counters.queryResponses],
      ['serf.query_duplicate_responses', counters.queryDuplicateResponses],
      ['serf.member.flap', counters.flaps],
      ['serf.coordinate.rejected', counters.coordinates.rejected],
      ['serf.coordinate.zero-rtt', counters.coordinates.zeroRtts],
    ];
  }

  #samples(): [name: string, measure: Measure][] {
    const { measures: swim } = this.#node.membership;
    const { measures: serf } = this.#node;
    const engine = this.#measures;
    return [
      ['memberlist.gossip', engine.gossip],
      ['memberlist.probeNode', swim.probes],
      ['memberlist.pushPullNode', engine.pushPulls],
      ['memberlist.queue.broadcasts', serf.broadcasts],
      ['memberlist.size.remote', engine.remoteStateBytes],
      ['serf.msgs.received', serf.received],
      ['serf.msgs.sent', serf.sent],
      ['serf.queue.Intent', serf.intents],
      ['serf.queue.Event', serf.events],
      ['serf.queue.Query', serf.queries],
      ['serf.coordinate.adjustment-ms', serf.adjustments],
      ...snapshotSamples(this.#snapshot),
    ];
  }

  #newOf(name: string, total: number, nowMs: number): Measured | undefined {
    const count = total - (this.#told.get(name) ?? 0);
    if (count <= 0) return undefined;
    this.#told.set(name, total);
    return { count, sum: count, sumOfSquares: count, min: 1, max: 1, lastMs: nowMs, values: [1] };
  }
}

function snapshotSamples(
  snapshot: SnapshotMeasures | undefined,
): [name: string, measure: Measure][] {
  if (snapshot === undefined) return [];
  return [
    ['serf.snapshot.appendLine', snapshot.appends],
    ['serf.snapshot.compact', snapshot.compactions],
  ];
}
