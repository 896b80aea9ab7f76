import { goEscape } from '@tserf/core/go-quote';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS_IN_LINES = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * A name, tag or other single value made safe to show: a peer chose it, and a terminal obeys control characters
 * (spec/03 §17). Everything else stays as it is.
 */
export function showValue(text: string): string {
  return text.replace(CONTROLS, goEscape);
}

/** The same for text of an agent that may have several lines and tabs, such as join errors and log entries. */
export function showText(text: string): string {
  return text.replace(CONTROLS_IN_LINES, goEscape);
}
