/**
 * Settings of the suites that start real processes: the built command line, the real Serf. They share two cores with
 * what they start, so files run one after another and every bound is generous.
 */
export const realProcesses = (name: string) => ({
  test: {
    name,
    include: ['**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
