/**
 * Settings of the suites that start real processes: the built command line, the real Serf. They share two cores with
 * what they start, so every bound is generous, and files run one after another; two at a time where most of them wait
 * for timers of the protocol: that takes little more than one.
 */
export const realProcesses = (name: string, filesAtATime: 1 | 2 = 1) => ({
  test: {
    name,
    include: ['**/*.test.ts'],
    fileParallelism: filesAtATime > 1,
    maxWorkers: filesAtATime,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
