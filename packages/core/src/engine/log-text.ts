import type { MemberEventType } from '../serf/member.js';
import type { SerfReport } from '../serf/output.js';
import type { LogLine } from './log.js';
import { printable } from './printable.js';

const eventWords: Readonly<Record<MemberEventType, string>> = {
  'member-join': 'EventMemberJoin',
  'member-leave': 'EventMemberLeave',
  'member-failed': 'EventMemberFailed',
  'member-update': 'EventMemberUpdate',
  'member-reap': 'EventMemberReap',
};

const messageWords = {
  join: 'messageJoinType',
  leave: 'messageLeaveType',
  userEvent: 'messageUserEventType',
  query: 'messageQueryType',
  queryResponse: 'messageQueryResponseType',
} as const;

/** What Serf prints for a member's state in a conflict. */
const stateNumbers: Readonly<Record<string, string>> = {
  alive: '0',
  suspect: '1',
  dead: '2',
  left: '3',
};

/**
 * The line for a report, in the words of Serf's own log where it has them: people and programs search for these
 * (spec/07 §12.6).
 */
export function reportLine(report: SerfReport): LogLine {
  switch (report.code) {
    case 'memberEvent':
      return { level: 'INFO', text: memberEventText(report) };
    case 'messageReceived': {
      const text = `serf: ${messageWords[report.kind]}: ${printable(report.name)}`;
      return { level: 'DEBUG', text, limit: report.code };
    }
    case 'tooOld': {
      const what = report.kind === 'query' ? 'query' : 'event';
      const text =
        `serf: received old ${what} ${printable(report.name)} from time ${report.ltime} ` +
        `(current: ${report.clockTime})`;
      return { level: 'WARN', text, limit: report.code };
    }
    case 'keyChange': {
      const text = `serf: ${report.operation}-key asked for by ${printable(report.from)}`;
      return report.error === undefined
        ? { level: 'INFO', text: `${text}: done` }
        : { level: 'ERR', text: `${text}: ${report.error}` };
    }
    case 'manyKeys':
      return {
        level: 'WARN',
        text:
          `serf: the keyring has ${report.count} keys: not all of them fit into a list, and agents of Serf 0.9.4 ` +
          'crash when they are asked for one; remove keys that are out of use',
      };
    case 'keyListTruncated':
      return {
        level: 'WARN',
        text: `serf: truncated key list response, showing first ${report.shown} of ${report.total} keys`,
        limit: report.code,
      };
    case 'conflictVote': {
      const share = `[${report.matching} / ${report.responses}]`;
      return report.won
        ? { level: 'INFO', text: `serf: majority in name conflict resolution ${share}` }
        : { level: 'WARN', text: `serf: minority in name conflict resolution, quitting ${share}` };
    }
    case 'rivalSilent':
      return {
        level: 'WARN',
        text:
          `serf: the others hold this node's name for ${report.rival}, but nobody answers there: this node keeps ` +
          'its name, and they take its address when they give up the old one',
      };
    case 'badExpression':
      return {
        level: 'WARN',
        text: `serf: failed to compile filter regex (${printable(report.expression)}): ${printable(report.detail)}`,
        limit: report.code,
      };
    case 'relayTooLarge':
      return {
        level: 'WARN',
        text: `serf: relayed response exceeds limit of ${report.limit} bytes`,
        limit: report.code,
      };
    case 'refutingLeave':
      return { level: 'DEBUG', text: 'serf: Refuting an older leave intent', limit: report.code };
    case 'nameConflict':
      return { level: report.own ? 'ERR' : 'WARN', text: conflictText(report), limit: report.code };
    case 'badMessage':
      return {
        level: 'WARN',
        text: `serf: message refused: ${printable(report.detail)}`,
        limit: report.code,
      };
    case 'coordinateRejected':
      return {
        level: 'ERR',
        text: `serf: Rejected coordinate from ${printable(report.node)}: ${printable(report.reason)}`,
        limit: report.code,
      };
    case 'contactingSeed':
      return {
        level: 'DEBUG',
        text: `serf: nobody at ${report.address}, where ${printable(report.seed)} leads, is a member: contacting it`,
        limit: report.code,
      };
    case 'peerFound':
      return {
        level: 'INFO',
        text: `serf: found ${printable(report.node)} again at ${report.address}`,
        limit: report.code,
      };
    case 'reconnecting':
      return {
        level: 'INFO',
        text: `serf: attempting reconnect to ${printable(report.node)} ${report.address}`,
      };
    case 'queueDepth':
      return { level: 'WARN', text: queueText(report) };
    case 'tooLongToSpread':
      return { level: 'WARN', text: tooLongText(report) };
    case 'leaveIncomplete':
      return {
        level: 'WARN',
        text:
          report.step === 'intent'
            ? 'serf: timeout while waiting for graceful leave'
            : 'serf: timeout waiting for leave broadcast',
      };
    case 'suspecting':
      return suspicionLine(report);
    case 'markedDead':
      return {
        level: 'INFO',
        text:
          `memberlist: Marking ${printable(report.node)} as failed, suspect timeout reached ` +
          `(${report.confirmations} peer confirmations)`,
      };
    case 'refuting': {
      const article = report.accusation === 'alive' ? 'an' : 'a';
      const text = `memberlist: Refuting ${article} ${report.accusation} message (from: ${printable(report.from)})`;
      return { level: 'WARN', text, limit: report.code };
    }
    case 'conflict':
      return {
        level: 'ERR',
        text:
          `memberlist: Conflicting address for ${printable(report.node)}. ` +
          `Mine: ${report.existing} Theirs: ${report.other} Old state: ${stateNumbers[report.state] ?? report.state}`,
        limit: report.code,
      };
    case 'streamProbeOnly':
      return {
        level: 'WARN',
        text:
          `memberlist: Was able to connect to ${printable(report.node)} over TCP but UDP probes failed, ` +
          'network may be misconfigured',
        limit: report.code,
      };
    case 'wrongPing':
      return {
        level: 'WARN',
        text: `memberlist: Got ping for unexpected node '${printable(report.wanted)}' from=${report.from}`,
        limit: report.code,
      };
    case 'refused':
      return {
        level: 'WARN',
        text: `memberlist: message refused (${report.reason}): ${printable(report.detail)}`,
        limit: `${report.code} ${report.reason}`,
      };
    case 'mergeRefused':
      return {
        level: 'ERR',
        text: `memberlist: Failed push/pull merge: ${printable(report.reason)}`,
        limit: report.code,
      };
    case 'publicWithoutEncryption':
      return { level: 'WARN', text: 'memberlist: Binding to public address without encryption!' };
    case 'stalled':
      return {
        level: 'WARN',
        text: `memberlist: this process stood still for ${Math.round(report.lateMs)} ms, and accuses nobody for it`,
        limit: report.code,
      };
    case 'sharedAddress':
      return {
        level: 'WARN',
        text:
          `memberlist: ${printable(report.first)} and ${printable(report.second)} ` +
          `both advertise ${report.address}: one of them is unreachable for the others`,
        limit: report.code,
      };
    default:
      return report satisfies never;
  }
}

/** Serf writes its own finding as news; what others say of a member is for who looks closer. */
function suspicionLine({ node, reason }: Extract<SerfReport, { code: 'suspecting' }>): LogLine {
  const name = printable(node);
  if (reason === 'no answer to a probe') {
    return { level: 'INFO', text: `memberlist: Suspect ${name} has failed, no acks received` };
  }
  return {
    level: 'DEBUG',
    text: `memberlist: Suspect ${name} has failed, says ${printable(reason)}`,
  };
}

function memberEventText(report: Extract<SerfReport, { code: 'memberEvent' }>): string {
  const name = printable(report.node);
  const text = `serf: ${eventWords[report.event]}: ${name}`;
  return report.event === 'member-update' ? text : `${text} ${report.host}`;
}

function conflictText(report: Extract<SerfReport, { code: 'nameConflict' }>): string {
  const { node, own, resolved, existing, other } = report;
  return own
    ? `serf: Node name conflicts with another node at ${other}. Names must be unique! (Resolution enabled: ${resolved})`
    : `serf: Name conflict for '${printable(node)}' both ${existing} and ${other} are claiming`;
}

function tooLongText({
  kind,
  name,
  bytes,
}: Extract<SerfReport, { code: 'tooLongToSpread' }>): string {
  const [what, whom] =
    kind === 'query'
      ? ['query', 'no other member hears it']
      : ['user event', 'others hear it only when they exchange states, within minutes'];
  return `serf: ${what} '${printable(name)}' has ${bytes} bytes, more than a packet of gossip holds: ${whom}`;
}

function queueText(report: Extract<SerfReport, { code: 'queueDepth' }>): string {
  const text = `serf: ${report.queue} queue depth: ${report.depth}`;
  return report.dropped === 0 ? text : `${text}, ${report.dropped} messages were dropped`;
}
