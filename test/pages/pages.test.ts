import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { play, type Reading } from '../harness/page-player.ts';
import { pages } from '../harness/pages.ts';

/*
 * Every page that users read, run as it is printed: commands, programs and outputs, on two machines of their own.
 * What cannot be run says why.
 */

const untilUp = 'until tserf members; do sleep 1; done';

const otherShells = 'each line is for another shell: test/shells/completion.test.ts';

const readings: readonly Reading[] = [
  {
    page: 'README.md',
    left: { 'npm start': 'installs and builds this repository, as the setup of all tests does' },
    prints: { "from '@tserf/core'": /^deploy v1\.2$/m },
  },
  { page: 'docs/events-and-queries.md' },
  {
    page: 'docs/handlers.md',
    before: {
      'tserf info': `
        tserf leave
        printf 'sleep 2; exit 1' > deploy.sh; chmod +x deploy.sh
        echo '{"handlers": [{"name": "deploy", "script": "./deploy.sh", "on": "user:deploy"}],' \
          '"event_handlers": ["user:deploy=./deploy.sh"]}' > agent.json
        tserf agent -node=b -bind=127.0.0.1:5000 -log-level=warn -config-file=agent.json > b.log &
        ${untilUp}; tserf event deploy; sleep 5`,
      'Error invoking script': 'cat b.log',
    },
    left: { 'web-1\t10.0.0.5': 'what a script reads, compared in test/interop/handlers.test.ts' },
  },
  {
    page: 'docs/encryption.md',
    mayFail: { 'kill -9': 'as the page says, the one that is gone counts until it has failed' },
  },
  {
    page: 'docs/agent-options.md',
    agentThere: true,
    given: `
      printf '{\n  "node_name": "web-1"\n}\n' | tee base.json > /etc/serf/base.json
      echo 'tags: { version: 1.10 }' > web.yaml`,
    answers: ['node_name: web-1 # base.json:2:3'],
    before: {
      "Error decoding 'web.yaml'": `
        printf 'nodename: web-1\nbind: 7946\n' > web.yaml
        tserf agent -config-file=web.yaml || true`,
      'tserf config check base.json': `echo 'tags: { role: web }' > web.yaml`,
      'Caught signal: hangup': `
        tserf agent -config-file=web.yaml -bind=127.0.0.1:5000 > web.log &
        ${untilUp}
        printf 'tags: { role: db }\nlog_level: DEBUG\nprofile: wan\nrpc_auth: secret\n' > web.yaml
        kill -HUP $!; sleep 3; cat web.log; tserf leave`,
    },
  },
  {
    page: 'docs/migrating.md',
    agentThere: true,
    given: `echo '{"node_name": "web-1", "snapshot_path": "/var/lib/serf/snapshot"}' > /etc/serf/agent.json`,
  },
  { page: 'packages/cli/README.md', left: { 'tserf completion': otherShells } },
  {
    page: 'packages/agent/README.md',
    before: {
      "Error decoding 'web.yaml'": `
        printf 'nodename: web-1\nbind: 7946\n' > web.yaml
        tserf agent -config-file=web.yaml || true`,
    },
    prints: { runAgent: /Log data will now stream in/ },
  },
  {
    page: 'packages/client/README.md',
    given: `tserf agent -node=web-1 -bind=127.0.0.1 > web.log &
      ${untilUp}`,
    before: { 'client.stream(': '(sleep 3; tserf event deploy v1.2) &' },
    prints: { 'client.stream(': /^deploy Uint8Array/m },
  },
  {
    page: 'packages/core/README.md',
    left: { 'bytes ⇄ messages': 'a list of folders' },
  },
  {
    page: 'packages/simulator/README.md',
    left: { 'npm run replay': 'half a minute of work in the root of the repository' },
  },
  { page: 'examples/handlers/README.md', given: 'cp examples/handlers/* .' },
  {
    page: 'examples/embed/README.md',
    left: { 'api-2 has': 'what typing into both prints: test/system/embedding.test.ts' },
  },
];

/** Whose blocks need no machines of their own, and who runs them. */
const readElsewhere = {
  'docs/architecture.md': 'has a diagram only',
  'docs/embedding.md': 'test/system/embedding.test.ts',
  'docs/rpc.md': 'test/system/rpc-page.test.ts',
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('every page is read', () => {
  const read = [...readings.map(({ page }) => page), ...Object.keys(readElsewhere)];
  expect(read.sort()).toEqual([...pages].sort());
});

describe.concurrent('as printed', () => {
  test.each(readings)('$page', async (reading) => {
    const folder = mkdtempSync(join(tmpdir(), 'tserf-page-'));
    folders.push(folder);

    await play(reading, folder);
  });
});
