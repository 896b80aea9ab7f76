import { PerformanceObserver } from 'node:perf_hooks';
import { Measure, type Metric } from '@tserf/core';

/**
 * What Go's runtime tells of itself and Node can tell too, under Go's names (spec/07 §13.2): the heap and the garbage
 * collector of this thread, the memory of the process. There is nothing like `malloc_count`, `free_count` and
 * `heap_objects`; `num_goroutines` counts what keeps the event loop busy, as in `serf info`.
 */
export class RuntimeMetrics {
  readonly #pauses = new Measure();
  readonly #observer: PerformanceObserver;
  #totalPauseNs = 0;
  #runs = 0;

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration, startTime } of list.getEntries()) {
        this.#totalPauseNs += duration * 1e6;
        this.#runs += 1;
        this.#pauses.add(duration * 1e6, startTime + duration);
      }
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  take(): Metric[] {
    const { heapUsed, rss } = process.memoryUsage();
    const gauges = {
      'runtime.num_goroutines': process.getActiveResourcesInfo().length,
      'runtime.alloc_bytes': heapUsed,
      'runtime.sys_bytes': rss,
      'runtime.total_gc_pause_ns': this.#totalPauseNs,
      'runtime.total_gc_runs': this.#runs,
    };
    const pauses = this.#pauses.take();
    return [
      ...Object.entries(gauges).map(([name, value]) => ({ type: 'gauge', name, value }) as const),
      ...(pauses === undefined
        ? []
        : [
            {
              type: 'sample',
              name: 'runtime.gc_pause_ns',
              measured: { ...pauses, lastMs: performance.timeOrigin + pauses.lastMs },
            } as const,
          ]),
    ];
  }

  stop(): void {
    this.#observer.disconnect();
  }
}
