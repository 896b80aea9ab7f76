import { after } from '../delay.js';
import { matchesEvent } from '../events/event-pattern.js';
import { shellProgram } from '../processes/program.js';
import type { HostEvent } from '../rpc/host.js';
import { HandlerCounters } from './counters.js';
import { DropReport } from './drop-report.js';
import type { EventHandler } from './event-handler.js';
import type { LocalNode } from './local-node.js';
import type { RunningScript, ScriptHost, ScriptRunner } from './script-runner.js';

export interface OrderedScriptsOptions {
  /** How long an event may hold up others that are not for the same handlers. */
  readonly patienceMs?: number;
  /** How long a handler may hold up all that stand behind it; no shorter than `patienceMs`. */
  readonly hungMs?: number;
  /** How many events may wait for their turn. */
  readonly queueLimit?: number;
}

/** Longer than most scripts need. A deployment may take more, and goes on. */
const defaultPatienceMs = 5_000;

/** From here on nobody can tell a script that works from one that never ends. */
const defaultHungMs = 10_000;

/** Serf's own buffers hold some 2000; then it stops gossiping, or loses events. */
const defaultQueueLimit = 16_384;

/** Serf keeps as much of a script's output. */
const outputLimitBytes = 8_192;

/**
 * Handlers in Serf's form, in Serf's order (spec/07 §15.2): one event at a time, its handlers one after another in the
 * order of the list, and no script is ended unless a time-out is set.
 *
 * Serf stops altogether when a script hangs. Here, an event whose script has run for `patienceMs` steps aside, and the
 * next event has its turn; one that comes to the same handler steps aside as well and waits there, so that nothing is
 * overtaken by what stands behind it in the list. After `hungMs` the script is taken for one that hangs: other events
 * leave that handler out, which catches up when it can. The handlers behind it in its own event wait for it in any case,
 * and no handler ever runs twice at once, or for a later event before an earlier one that waits at it.
 */
export class OrderedScripts {
  readonly counters = new HandlerCounters();
  readonly #host: ScriptHost;
  readonly #runner: Pick<ScriptRunner, 'start'>;
  readonly #patienceMs: number;
  readonly #hungMs: number;
  readonly #queueLimit: number;
  readonly #drops: DropReport;
  readonly #running = new Set<RunningScript>();
  #timeoutMs: number | undefined;
  #posts: readonly Post[] = [];
  #queue: HostEvent[] = [];
  /** The event whose turn it is. */
  #current: Turn | undefined;
  /** Events that stepped aside. */
  #aside = 0;
  #isStopped = false;

  constructor(
    host: ScriptHost,
    runner: Pick<ScriptRunner, 'start'>,
    options: OrderedScriptsOptions = {},
  ) {
    this.#host = host;
    this.#runner = runner;
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs;
    this.#hungMs = options.hungMs ?? defaultHungMs;
    this.#queueLimit = options.queueLimit ?? defaultQueueLimit;
    this.#drops = new DropReport('event handlers', (level, text) => host.log(level, text));
  }

  get handlers(): readonly EventHandler[] {
    return this.#posts.map(({ handler }) => handler);
  }

  /** Events that wait for their turn, or for a script that holds them up. */
  get waiting(): number {
    return this.#queue.length + this.#aside - this.#runningAside();
  }

  get running(): number {
    return this.#running.size;
  }

  /** A new list, from the next event's turn on. What runs and what stepped aside is not disturbed. */
  replace(handlers: readonly EventHandler[], timeoutMs?: number): void {
    const kept = [...this.#posts];
    this.#timeoutMs = timeoutMs;
    this.#posts = handlers.map((handler) => {
      const at = kept.findIndex((post) => isSame(post.handler, handler));
      // One that is still there keeps its place in time: its script may be running.
      return at < 0 ? new Post(handler) : (kept.splice(at, 1)[0] as Post);
    });
  }

  take(event: HostEvent): void {
    if (this.#isStopped || this.#posts.length === 0) return;
    if (this.waiting >= this.#queueLimit) {
      this.counters.dropped += 1;
      this.#drops.add();
      return;
    }
    this.#queue.push(event);
    this.#next();
  }

  /** As in Serf (spec/07 §10), what runs is neither waited for nor ended, and what waits is dropped. */
  stop(): void {
    this.#isStopped = true;
    this.#queue = [];
    this.#drops.stop();
    for (const { process } of this.#running) process.abandon();
  }

  #next(): void {
    while (this.#current === undefined) {
      const event = this.#queue.shift();
      if (event === undefined) break;
      const posts = this.#posts.filter(({ handler }) => matchesEvent(handler.pattern, event));
      if (posts.length === 0) continue;
      const turn: Turn = { event, node: this.#host.localNode(), posts, at: 0 };
      this.#current = turn;
      this.#advance(turn);
    }
  }

  /** Brings an event to its next handler. */
  #advance(turn: Turn): void {
    for (;;) {
      const post = turn.posts[turn.at];
      if (post === undefined) {
        if (turn === this.#current) this.#current = undefined;
        else this.#aside -= 1;
        return;
      }
      if (post.turn === undefined) {
        void this.#run(post, turn);
        return;
      }
      if (!post.isHung) {
        post.waiting.push(turn);
        this.#stepAside(turn);
        return;
      }
      this.#passBy(post, turn);
    }
  }

  /** The handler gets the event later, by itself. */
  #passBy(post: Post, turn: Turn): void {
    post.waiting.push({ ...turn, posts: [post], at: 0 });
    this.#aside += 1;
    turn.at += 1;
  }

  async #run(post: Post, turn: Turn): Promise<void> {
    const { script } = post.handler;
    const timeoutMs = this.#timeoutMs;
    post.turn = turn;
    const timers = [
      after(this.#patienceMs, () => this.#othersGoOn(turn, script)),
      after(this.#hungMs, () => this.#hangs(post)),
    ];
    const running = this.#runner.start({
      script,
      program: shellProgram(script),
      event: turn.event,
      node: turn.node,
      group: 'shared',
      outputLimitBytes,
      timeoutMs,
    });
    this.#running.add(running);
    this.counters.count(await running.outcome);
    this.#running.delete(running);
    for (const timer of timers) timer.cancel();
    post.turn = undefined;
    post.isHung = false;
    if (this.#isStopped) return;

    turn.at += 1;
    this.#advance(turn);
    const waiting = post.waiting.shift();
    if (waiting !== undefined) this.#advance(waiting);
    this.#next();
  }

  #othersGoOn(turn: Turn, script: string): void {
    if (turn !== this.#current) return;
    this.#stepAside(turn);
    if (this.#queue.length > 0) {
      const text = `agent: Script '${script}' still runs; other events no longer wait for it`;
      this.#host.log('WARN', text);
    }
    this.#next();
  }

  #hangs(post: Post): void {
    post.isHung = true;
    const text = `agent: Script '${post.handler.script}' seems to hang; other handlers go on without it`;
    this.#host.log('WARN', text);
    for (const turn of post.waiting.splice(0)) {
      this.#passBy(post, turn);
      this.#advance(turn);
    }
  }

  #stepAside(turn: Turn): void {
    if (turn !== this.#current) return;
    this.#current = undefined;
    this.#aside += 1;
  }

  #runningAside(): number {
    return this.#running.size - (this.#current === undefined ? 0 : 1);
  }
}

/** One event on its way along its handlers. */
interface Turn {
  readonly event: HostEvent;
  readonly node: LocalNode;
  readonly posts: readonly Post[];
  at: number;
}

/** A handler, the event that it is busy with, and those that came to it meanwhile. */
class Post {
  readonly handler: EventHandler;
  turn: Turn | undefined;
  /** Whether its script runs longer than anybody waits. */
  isHung = false;
  readonly waiting: Turn[] = [];

  constructor(handler: EventHandler) {
    this.handler = handler;
  }
}

function isSame(a: EventHandler, b: EventHandler): boolean {
  return (
    a.script === b.script &&
    a.pattern.event === b.pattern.event &&
    a.pattern.name === b.pattern.name
  );
}
