import { type Completable, type Offer, singleQuoted } from './completable.js';

/** The script for zsh: to be sourced after `compinit`, or to be saved as `_tserf` in a folder of `fpath`. */
export function zshScript(commands: readonly Completable[]): string {
  const topLevel = commands.filter(({ words }) => words.length === 1);
  return `#compdef tserf
# Completion of tserf for zsh.

_tserf_names() {
  local -a options names
  options=(\${(M)words:#-(|-)rpc-(addr|auth)=*})
  names=(\${(f)"$(tserf completion $options names 2>/dev/null)"})
  (( $#names )) && compadd -a names
}

_tserf() {
  local context state state_descr line command
  typeset -A opt_args
  if (( CURRENT == 2 )); then
    ${describe(topLevel)}
    return
  fi
  command=$words[2]
  shift words
  (( CURRENT-- ))
${topLevel.flatMap((group) => groupCase(commands, group)).join('\n')}
  case $command in
${commands
  .filter(({ flags }) => flags.length > 0)
  .map(commandCase)
  .join('\n')}
  esac
}

if [[ $funcstack[1] == _tserf ]]; then
  _tserf "$@"
else
  compdef _tserf tserf
fi
`;
}

function describe(commands: readonly Completable[]): string {
  const rows = commands.map(({ words, synopsis }) =>
    singleQuoted(`${words.at(-1)}:${synopsis.replaceAll(':', '\\:')}`),
  );
  return `local -a commands=(${rows.join(' ')}); _describe command commands`;
}

function groupCase(commands: readonly Completable[], { words }: Completable): string[] {
  const children = commands.filter((one) => one.words.length === 2 && one.words[0] === words[0]);
  if (children.length === 0) return [];
  return [
    `  if [[ $command == ${words[0]} ]]; then`,
    '    if (( CURRENT == 2 )); then',
    `      ${describe(children)}`,
    '      return',
    '    fi',
    '    command+=" $words[2]"',
    '    shift words',
    '    (( CURRENT-- ))',
    '  fi',
  ];
}

function commandCase({ words, flags, argument }: Completable): string {
  const specs = flags.map(({ name, about, value }) => {
    const text = `[${escapeSpec(about)}]`;
    // With the "=" the value may stand in the same word or in the next one.
    return singleQuoted(
      value === undefined ? `-${name}${text}` : `*-${name}=${text}:value:${action(value)}`,
    );
  });
  specs.push(singleQuoted(`*:argument:${action(argument)}`));
  return `    ${singleQuoted(words.join(' '))}) _arguments ${specs.join(' ')} ;;`;
}

function action(offer: Offer): string {
  switch (offer.type) {
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'node':
      return '_tserf_names';
    case 'any':
      return ' ';
  }
}

/** Brackets and colons have a meaning in a specification. */
function escapeSpec(text: string): string {
  return text.replace(/[[\]:\\]/g, (character) => `\\${character}`);
}
