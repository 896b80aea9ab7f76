import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findPortRows } from '../../src/dev/ports.js';

test('rows that are free are taken as they are', async () => {
  const found = await findPortRows({ gossip: 7946, rpc: 7373 }, 3, async () => true);

  expect(found).toEqual({ gossip: 7946, rpc: 7373 });
});

test('a row in use is passed over by tens, each row for itself', async () => {
  const asked: unknown[] = [];
  const found = await findPortRows({ gossip: 7946, rpc: 7373 }, 3, async (...row) => {
    asked.push(row);
    return row[0] !== 7946 && row[0] !== 7956;
  });

  expect(found).toEqual({ gossip: 7966, rpc: 7373 });
  expect(asked).toEqual([
    [7946, 3, true],
    [7956, 3, true],
    [7966, 3, true],
    [7373, 3, false],
  ]);
});

test('it gives up with a reason, and never looks beyond the last port', async () => {
  const firsts: number[] = [];
  const search = findPortRows({ gossip: 65_500, rpc: 1 }, 9, async (first) => {
    firsts.push(first);
    return false;
  });

  await expect(search).rejects.toThrow(/no 9 free ports in a row from 65500 to 65527/);
  expect(firsts).toEqual([65_500, 65_510, 65_520]);
});

test('a port on which somebody listens is in use', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const found = await findPortRows({ gossip: port, rpc: port }, 1);
  await new Promise((resolve) => server.close(resolve));

  expect(found.gossip).not.toBe(port);
  expect(found.rpc).not.toBe(port);
});
