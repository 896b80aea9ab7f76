import { type Completable, type Offer, singleQuoted } from './completable.js';

/** The script for fish. */
export function fishScript(commands: readonly Completable[]): string {
  const lines = commands.flatMap((command) => [
    row(before(command), `-a ${command.words.at(-1)} -d ${quoted(command.synopsis)}`),
    ...command.flags.map(({ name, about, value }) =>
      row(after(command), `-o ${name} ${valueOptions(value)}-d ${quoted(about)}`),
    ),
    ...argumentRows(command),
  ]);
  return `# Completion of tserf for fish.

# Whether the command line begins with these words.
function __tserf_is
    set -l words (commandline -opc)
    set -l last (math (count $argv) + 1)
    test (count $words) -ge $last; and test "$words[2..$last]" = "$argv"
end

# Whether the word after these is being typed.
function __tserf_next
    test (count (commandline -opc)) -eq (math (count $argv) + 1); or return 1
    test (count $argv) -eq 0; or __tserf_is $argv
end

function __tserf_names
    set -l options (string match -r -- '^--?rpc-(?:addr|auth)=.*' (commandline -opc))
    tserf completion $options names 2>/dev/null
end

complete -c tserf -f
${lines.join('\n')}
`;
}

function row(condition: string, rest: string): string {
  return `complete -c tserf -n ${quoted(condition)} ${rest}`;
}

function before({ words }: Completable): string {
  return ['__tserf_next', ...words.slice(0, -1)].join(' ');
}

function after({ words }: Completable): string {
  return ['__tserf_is', ...words].join(' ');
}

function valueOptions(value: Offer | undefined): string {
  if (value === undefined) return '';
  const words = offered(value);
  if (value.type === 'file' || value.type === 'directory') return '-rF ';
  return words === undefined ? '-x ' : `-x -a ${words} `;
}

function argumentRows(command: Completable): string[] {
  const { argument } = command;
  if (argument.type === 'file' || argument.type === 'directory') return [row(after(command), '-F')];
  const words = offered(argument);
  return words === undefined ? [] : [row(after(command), `-a ${words}`)];
}

function offered(offer: Offer): string | undefined {
  if (offer.type === 'words') return quoted(offer.words.join(' '));
  return offer.type === 'node' ? quoted('(__tserf_names)') : undefined;
}

const quoted = singleQuoted;
