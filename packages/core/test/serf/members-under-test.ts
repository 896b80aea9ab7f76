import type { MemberStatus } from '../../src/serf/member.js';
import { Members, type MembersOptions } from '../../src/serf/members.js';
import type { SerfOutput } from '../../src/serf/output.js';
import type { Member, MemberState } from '../../src/swim/member.js';
import { encodeTags, type Tags } from '../../src/wire/tags.js';
import { serfVersions } from '../../src/wire/versions.js';

const membersOptions: MembersOptions = {
  self: 'self',
  flapTimeoutMs: 60_000,
  reconnectTimeoutMs: 100_000,
  tombstoneTimeoutMs: 200_000,
  recentIntentTimeoutMs: 300_000,
  pruneDelayMs: 6_000,
  memberLimit: 1_000,
  recentIntentLimit: 1_000,
};

/** A participant as the membership layer would report it. */
export function participant(
  name: string,
  {
    tags = {},
    state = 'alive',
    port = 7_946,
  }: { tags?: Tags; state?: MemberState; port?: number } = {},
): Member {
  return {
    name,
    address: Uint8Array.of(10, 0, 0, 1),
    port,
    endpoint: { host: '10.0.0.1', port },
    meta: encodeTags(tags, 5),
    incarnation: 1,
    state,
    stateChangeMs: 0,
    versions: serfVersions(5),
  };
}

/** A member list, and what it told since the last look, in short words. */
export class MembersUnderTest {
  readonly members: Members;
  readonly strangersThatLeft: string[] = [];
  #outputs: SerfOutput[] = [];

  constructor(options: Partial<MembersOptions> = {}) {
    this.members = new Members(
      { ...membersOptions, ...options },
      (output) => this.#outputs.push(output),
      (name) => this.strangersThatLeft.push(name),
    );
  }

  /** Brings the member "x" into a status, with status time 12 where there is a member at all. */
  static with(status: MemberStatus | 'unknown'): MembersUnderTest {
    const under = new MembersUnderTest();
    const { members } = under;
    if (status !== 'unknown') {
      members.joined(participant('x'), 0);
      members.applyJoin(
        { node: 'x', ltime: status === 'leaving' || status === 'left' ? 11 : 12 },
        0,
      );
      if (status === 'leaving' || status === 'left') {
        members.applyLeave({ node: 'x', ltime: 12, prune: false }, 0);
      }
      if (status === 'left' || status === 'failed') {
        members.departed(participant('x', { state: 'dead' }), 0);
      }
    }
    under.take();
    return under;
  }

  take(): SerfOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** The outputs without their reports, each as one line. */
  takeTold(): string[] {
    return this.take()
      .map(inWords)
      .filter((line) => line !== undefined);
  }

  get status(): MemberStatus | 'unknown' {
    return this.members.get('x')?.status ?? 'unknown';
  }
}

function inWords(output: SerfOutput): string | undefined {
  switch (output.type) {
    case 'memberChanged':
      return `${output.member.name} is ${output.member.status}`;
    case 'memberForgotten':
      return `${output.name} is forgotten`;
    case 'event':
      return 'members' in output.event
        ? output.event.members.map((member) => `${output.event.type} ${member.name}`).join()
        : undefined;
    case 'schedule':
      return `${output.timer.type} at ${output.atMs}`;
    default:
      return undefined;
  }
}
