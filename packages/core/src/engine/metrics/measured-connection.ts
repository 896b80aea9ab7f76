import type { Connection } from '../../net/connection.js';
import type { Measure } from '../../swim/measure.js';

/** The same connection; the bytes of each write are measured. */
export function measuredConnection(
  connection: Connection,
  writes: Measure,
  nowMs: () => number,
): Connection {
  return {
    remote: connection.remote,
    read: () => connection.read(),
    write: (bytes) => {
      writes.add(bytes.length, nowMs());
      return connection.write(bytes);
    },
    finish: () => connection.finish(),
    destroy: () => connection.destroy(),
  };
}
