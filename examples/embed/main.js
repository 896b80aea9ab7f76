// A service that is a member of its cluster: node main.js NAME ADDRESS [ADDRESS OF ANOTHER MEMBER]
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { Cluster } from '@tserf/core';

const [node = 'api-1', bind = '127.0.0.1:0', ...join] = process.argv.slice(2);
const cluster = await Cluster.start({ node, bind, join, tags: { role: 'api' } });
console.log(`${node} listens on ${cluster.bind.host}:${cluster.bind.port}`);

// What happens: who comes and goes, and what somebody tells everybody.
cluster.on('event', (event) => {
  if (event.type === 'user') console.log(`${event.name}: ${Buffer.from(event.payload ?? '')}`);
  else if ('members' in event) console.log(event.type, ...event.members.map((each) => each.name));
});

// What somebody asks everybody: what this function returns is this member's answer.
cluster.onQuery('load', () => loadavg().join(' '));

// A typed line is told to everybody, but for `load`, which asks everybody.
const input = createInterface({ input: process.stdin });
process.once('SIGINT', () => input.close());
for await (const line of input) {
  if (line === 'load') {
    const query = await cluster.query('load');
    for await (const { from, payload } of query.responses())
      console.log(`${from} has ${Buffer.from(payload ?? '')}`);
  } else await cluster.event('said', `${node} says ${line}`);
}
await cluster.leave(); // the others see a member that went, not one that failed
await cluster.shutdown();
