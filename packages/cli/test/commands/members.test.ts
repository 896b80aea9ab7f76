import { expect, test } from 'vitest';
import { fakeAgent, member } from '../support/fake-agent.js';
import { run } from '../support/terminal.js';

const loopback6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const cluster = [
  member({ name: 'n5', port: 28950, status: 'failed' }),
  member({ name: 'n1', tags: { role: 'web', dc: 'east' } }),
  member({ name: 'n3', port: 28948 }),
];

test('members are printed in columns, sorted by name, their tags sorted by key', async () => {
  const { connect } = fakeAgent({ members: cluster });

  expect(await run(['members'], { connect })).toEqual({
    code: 0,
    stdout:
      'n1  127.0.0.1:28946  alive   dc=east,role=web\n' +
      'n3  127.0.0.1:28948  alive   \n' +
      'n5  127.0.0.1:28950  failed\n',
    stderr: '',
  });
});

test('-detailed adds the protocol versions', async () => {
  const { connect } = fakeAgent({ members: [member({ name: 'n1', tags: { role: 'db' } })] });

  const { stdout } = await run(['members', '-detailed'], { connect });

  expect(stdout).toBe(
    'n1  127.0.0.1:28946  alive  role=db  Protocol Version: 5  Available Protocol Range: [2, 5]\n',
  );
});

test('names and tags of all kinds keep their place, and control characters are shown, not obeyed', async () => {
  const members = [
    member({ name: 'ä', address: loopback6, port: 1 }),
    member({ name: 'b\tc\n\x1b[2J', port: 2, tags: { p: 'x| y ' } }),
  ];
  const { connect } = fakeAgent({ members });

  const { stdout } = await run(['members'], { connect });

  expect(stdout).toBe(
    'b\\tc\\n\\x1b[2J  127.0.0.1:2  alive  p=x  y\nä              [::1]:1      alive\n',
  );
});

test('JSON has the fields in order, with the protocol numbers and with sorted tags', async () => {
  const members = [
    member({ name: 'n2', status: 'left' }),
    member({ name: 'n1', tags: { role: '<a>&"q"\\z', '10': '', '9': 'ä' } }),
  ];
  const { connect } = fakeAgent({ members });

  const { stdout } = await run(['members', '-format=json'], { connect });

  expect(stdout).toBe(`{
  "members": [
    {
      "name": "n1",
      "addr": "127.0.0.1:28946",
      "port": 28946,
      "tags": {
        "10": "",
        "9": "ä",
        "role": "\\u003ca\\u003e\\u0026\\"q\\"\\\\z"
      },
      "status": "alive",
      "protocol": {
        "max": 5,
        "min": 2,
        "version": 5
      }
    },
    {
      "name": "n2",
      "addr": "127.0.0.1:28946",
      "port": 28946,
      "tags": {},
      "status": "left",
      "protocol": {
        "max": 5,
        "min": 2,
        "version": 5
      }
    }
  ]
}
`);
});

test.each([
  [['members', '-name=x'], '\n'],
  [['members', '-format', 'json'], '{\n  "members": null\n}\n'],
])('nobody found is no error: %j', async (args, stdout) => {
  const { connect } = fakeAgent();

  expect(await run(args, { connect })).toEqual({ code: 0, stdout, stderr: '' });
});

test('the filters are handed to the agent as they are', async () => {
  const agent = fakeAgent();
  const args = [
    '-name=n[12]',
    '-status',
    '(?i)ALIVE',
    '-tag',
    'a=b=c',
    '-tag=role=',
    '-tag',
    'a=x',
  ];

  await run(['members', ...args], { connect: agent.connect });

  const filter = { name: 'n[12]', status: '(?i)ALIVE', tags: { a: 'x', role: '' } };
  expect(agent.calls).toEqual([['membersFiltered', filter]]);
});

test('-role is taken for a tag, with a warning before the output; it beats a -tag', async () => {
  const agent = fakeAgent();
  const warning = "Deprecation warning: 'Role' has been replaced with 'Tags'\n";

  const first = await run(['members', '-role=web', '-format=json'], { connect: agent.connect });
  await run(['members', '-role=web', '-tag', 'role=db'], { connect: agent.connect });

  expect(first.stdout).toBe(`${warning}{\n  "members": null\n}\n`);
  expect(agent.calls).toMatchObject([
    ['membersFiltered', { tags: { role: 'web' } }],
    ['membersFiltered', { tags: { role: 'web' } }],
  ]);
});

test.each(['role', '=web', ''])(
  'the tag filter "%s" is refused before anybody is asked',
  async (tag) => {
    const agent = fakeAgent();

    const result = await run(['members', '-role=x', '-tag', tag], { connect: agent.connect });

    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout.split('\n')[1]).toBe(`Error: Invalid tag: '${tag}'`);
    expect(agent.targets).toEqual([]);
  },
);

test.each(['xml', 'JSON', ''])('the format "%s" is refused after the request', async (format) => {
  const agent = fakeAgent();

  const { code, stdout } = await run(['members', '-format', format], { connect: agent.connect });

  expect(code).toBe(1);
  expect(stdout).toBe(`Encoding error: Invalid output format "${format}"\n`);
  expect(agent.calls).toHaveLength(1);
});
