import { expect, test } from 'vitest';
import { AgentStartError } from '../src/start-error.js';

const shown = (message: string) => new AgentStartError('SETUP_FAILED', message).message;

test('a remedy is for what was refused: a port, or a file', () => {
  expect(shown('listen tcp 127.0.0.1:79: bind: permission denied')).toMatch(/ports below 1024/);

  for (const message of [
    'Failed to read keyring file: open keys.json: permission denied',
    'Failed to read tags file: open tags.json: permission denied',
  ]) {
    expect(shown(message)).toBe(
      `${message} (this user may not read it: change its owner or its mode)`,
    );
  }
  expect(shown('failed to open snapshot: open a/b: permission denied')).toMatch(/-snapshot\)$/);
});
