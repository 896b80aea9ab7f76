// A service that is a member of its cluster: node main.js NAME [ADDRESS OF ANOTHER MEMBER]
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { Cluster } from '@tserf/core';

const [node = 'api-1', ...join] = process.argv.slice(2);
const cluster = await Cluster.start({ node, bind: '127.0.0.1:0', tags: { role: 'api' }, join });
console.log(`${node} listens on 127.0.0.1:${cluster.bind.port}`);

// Who is there: the list keeps itself up to date, and events say when it changes.
for (const type of /** @type {const} */ (['member-join', 'member-leave', 'member-failed'])) {
  cluster.on(type, ({ members }) => console.log(type, ...members.map(({ name }) => name)));
}

// What somebody tells everybody.
cluster.on('user', ({ name, payload }) => console.log(`${name}: ${Buffer.from(payload)}`));

// What somebody asks everybody: what this function returns is this member's answer.
cluster.onQuery('load', () => loadavg().join(' '));

// A typed line is told to everybody, but for `load`, which asks all members that serve the API.
const input = createInterface({ input: process.stdin });
process.once('SIGINT', () => input.close());
for await (const line of input) {
  if (line === 'load') {
    const query = await cluster.query('load', '', { filterTags: { role: '^api$' } });
    for await (const { from, payload } of query.responses())
      console.log(`${from} has ${Buffer.from(payload)}`);
  } else await cluster.event('said', `${node} says ${line}`);
}

// The others see a member that went, not one that failed.
await cluster.leave();
await cluster.shutdown();
