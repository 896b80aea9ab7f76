/**
 * The table of spec/07 §13.2 as far as the agent measures it, without the service's name in front; what the engine measures
 * has its test in core. `<command>` stands for a handler's.
 */
export const serfMetrics = {
  g: [
    'runtime.num_goroutines',
    'runtime.alloc_bytes',
    'runtime.sys_bytes',
    'runtime.malloc_count',
    'runtime.free_count',
    'runtime.heap_objects',
    'runtime.total_gc_pause_ns',
    'runtime.total_gc_runs',
  ],
  c: ['agent.ipc.accept', 'agent.ipc.command'],
  ms: ['agent.invoke.<command>', 'runtime.gc_pause_ns'],
} as const;

/** What only Go's runtime can tell. */
export const unknownToNode: readonly string[] = [
  'runtime.malloc_count',
  'runtime.free_count',
  'runtime.heap_objects',
];
