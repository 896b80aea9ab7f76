import { defaultServerConditions } from 'vite';

/** Tests read every workspace package from source, in workers too. */
export const fromSource = {
  ssr: { resolve: { conditions: ['@tserf/source', ...defaultServerConditions] } },
  test: {
    include: ['test/**/*.test.ts'],
    // A bound against hanging, not a measurement: machines that run tests are busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Workers that the code under test starts inherit this: they run outside Vite.
    execArgv: ['--import', new URL('./tools/ts-in-workers.mjs', import.meta.url).href],
  },
};
