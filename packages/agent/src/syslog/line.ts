/** Daemons cut what is longer, or lose it. */
const maxTextBytes = 8_000;

/**
 * A record's text on one line: a syslog daemon takes a line end for the end of the record. Control characters are
 * written as rsyslog writes them, `#012` for a line end; what is too long is cut.
 */
export function oneLine(text: string): string {
  const escaped = text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    /[\u0000-\u001f\u007f]/g,
    (character) => `#${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  const bytes = Buffer.from(escaped);
  if (bytes.length <= maxTextBytes) return escaped;
  // A character that is cut in two decodes to the replacement character; it goes with the rest.
  return `${bytes
    .subarray(0, maxTextBytes)
    .toString()
    .replace(/\ufffd+$/, '')}…`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun'].concat([
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
]);

/** `<PRI>Nov  7 12:37:56 serf[4711]: text`, local time (spec/07 §12.5). */
export function syslogLine(priority: number, text: string, when: Date): string {
  const day = String(when.getDate()).padStart(2, ' ');
  const time = [when.getHours(), when.getMinutes(), when.getSeconds()]
    .map((number) => String(number).padStart(2, '0'))
    .join(':');
  const stamp = `${months[when.getMonth()]} ${day} ${time}`;
  return `<${priority}>${stamp} ${syslogTag}[${process.pid}]: ${text}`;
}

/** Serf's, so that the rules of log servers go on to fit. */
export const syslogTag = 'serf';
