import type { ClusterNotice } from './engine-link.js';
import type { RunningQuery } from './query.js';

type QueryNotice = Extract<
  ClusterNotice,
  { type: 'queryStarted' | 'queryAck' | 'queryResponse' | 'queryDone' }
>;

/** This node's queries under way, by their requests. */
export class RunningQueries {
  readonly #byRequest = new Map<number, RunningQuery>();
  #dropped = 0;

  /** Answers that found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  add(request: number, query: RunningQuery): void {
    this.#byRequest.set(request, query);
  }

  remove(request: number): void {
    this.#byRequest.delete(request);
  }

  hear(notice: QueryNotice): void {
    const query = this.#byRequest.get(notice.request);
    if (query === undefined) return;
    switch (notice.type) {
      case 'queryStarted':
        query.deadline = notice.deadline;
        break;
      case 'queryAck':
        if (!query.add({ type: 'ack', from: notice.from })) this.#dropped += 1;
        break;
      case 'queryResponse': {
        const { from, payload } = notice;
        if (!query.add({ type: 'response', from, payload })) this.#dropped += 1;
        break;
      }
      case 'queryDone':
        query.done(notice.early);
        this.remove(notice.request);
        break;
      default:
        notice satisfies never;
    }
  }

  /** The node is gone. */
  fail(error: Error, isDeath: boolean): void {
    for (const query of this.#byRequest.values()) query.fail(error, isDeath);
    this.#byRequest.clear();
  }
}
