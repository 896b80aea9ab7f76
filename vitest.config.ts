import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'test/system',
      'test/interop',
      'test/shells',
      'test/packages',
      'test/pages',
    ],
  },
});
