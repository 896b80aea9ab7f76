import type { Metric } from '@tserf/core';

/** A metric with its whole name: `serf-agent.serf.member.join`. */
export type NamedMetric = Metric;

/**
 * The lines that statsd and statsite read (spec/07 §13.3): a gauge's value, a counter's increase, each sample. Of many
 * samples the newest stand for all.
 */
export function metricLines(metric: NamedMetric): string[] {
  switch (metric.type) {
    case 'gauge':
      return [line(metric.name, metric.value, 'g')];
    case 'counter':
      return [line(metric.name, metric.measured.sum, 'c')];
    case 'sample':
      return metric.measured.values.map((value) => line(metric.name, value, 'ms'));
    default:
      return metric satisfies never;
  }
}

function line(name: string, value: number, type: string): string {
  return `${name.replace(/[:\s|]/g, '_')}:${value.toFixed(6)}|${type}\n`;
}
