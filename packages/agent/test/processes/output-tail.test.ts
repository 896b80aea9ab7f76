import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputTail } from '../../src/processes/output-tail.js';

test('what is kept is the end of everything that was written', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 40 });
  fc.assert(
    fc.property(chunks, fc.nat(50), (written, limit) => {
      const tail = new OutputTail(limit);
      for (const chunk of written) tail.add(chunk);

      const all = Buffer.concat(written);
      expect(Buffer.from(tail.bytes())).toEqual(all.subarray(Math.max(0, all.length - limit)));
      expect(tail.writtenBytes).toBe(all.length);
    }),
  );
});
