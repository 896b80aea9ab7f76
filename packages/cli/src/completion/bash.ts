import { type Completable, type Offer, singleQuoted } from './completable.js';

/** The script for bash, 3.2 and later, which needs nothing but bash. */
export function bashScript(commands: readonly Completable[]): string {
  const topLevel = commands.filter(({ words }) => words.length === 1);
  const groups = topLevel.filter(({ words }) => childrenOf(commands, words).length > 0);
  return `# Completion of tserf for bash.

_tserf_names() {
  local name options=()
  [[ $COMP_LINE =~ [[:space:]]--?rpc-addr[=[:space:]]([^[:space:]]+) ]] && options+=("-rpc-addr=\${BASH_REMATCH[1]}")
  [[ $COMP_LINE =~ [[:space:]]--?rpc-auth[=[:space:]]([^[:space:]]+) ]] && options+=("-rpc-auth=\${BASH_REMATCH[1]}")
  while IFS= read -r name; do
    [[ $name == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$name")")
  done < <("\${COMP_WORDS[0]}" completion "\${options[@]}" names 2>/dev/null)
}

_tserf_offer() {
  # "$1" is what kind of word it is, "$2" what stands there already.
  local line
  case $1 in
    file | directory)
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -A "$1" -- "$2")
      type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
      ;;
    node) _tserf_names "$2" ;;
    any) ;;
    *) COMPREPLY=($(compgen -W "$1" -- "$2")) ;;
  esac
}

_tserf() {
  local current=\${COMP_WORDS[COMP_CWORD]} flag= given= command=\${COMP_WORDS[1]} at=1
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _tserf_offer ${singleQuoted(names(topLevel))} "$current"
    return
  fi
${groups.map((group) => groupCase(commands, group)).join('')}
  # Bash itself makes three words of "-format=json".
  if [[ $current == = ]]; then
    flag=\${COMP_WORDS[COMP_CWORD - 1]} given=
  elif [[ \${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
    flag=\${COMP_WORDS[COMP_CWORD - 2]} given=$current
  elif ((COMP_CWORD > at + 1)); then
    flag=\${COMP_WORDS[COMP_CWORD - 1]} given=$current
  fi
  if [[ $flag == -* ]]; then
    flag=\${flag#-}
    case "$command -\${flag#-}" in
${valueCases(commands)}
    esac
  fi

  local flags= argument=any
  case $command in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $current == -* ]]; then
    [[ $current == --* ]] && flags=" $flags" flags=\${flags// -/ --}
    _tserf_offer "$flags" "$current"
    [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] &&
      type compopt >/dev/null 2>&1 && compopt -o nospace
  else
    _tserf_offer "$argument" "$current"
  fi
}

complete -F _tserf tserf
`;
}

function childrenOf(commands: readonly Completable[], group: readonly string[]): Completable[] {
  return commands.filter(({ words }) => words.length === 2 && words[0] === group[0]);
}

function names(commands: readonly Completable[]): string {
  return commands.map(({ words }) => words.at(-1)).join(' ');
}

/** The second word of a group chooses the command too. */
function groupCase(commands: readonly Completable[], { words }: Completable): string {
  return `  if [[ $command == ${words[0]} ]]; then
    if ((COMP_CWORD == 2)); then
      _tserf_offer ${singleQuoted(names(childrenOf(commands, words)))} "$current"
      return
    fi
    command+=" \${COMP_WORDS[2]}" at=2
  fi
`;
}

/** One case for all flags whose values are alike. */
function valueCases(commands: readonly Completable[]): string {
  const patterns = new Map<string, string[]>();
  for (const { words, flags } of commands) {
    for (const { name, value } of flags) {
      if (value === undefined) continue;
      const alike = patterns.get(offered(value)) ?? [];
      patterns.set(offered(value), [...alike, singleQuoted(`${words.join(' ')} -${name}`)]);
    }
  }
  return [...patterns]
    .map(
      ([offer, alike]) =>
        `      ${alike.join(' |\\\n        ')})\n        _tserf_offer ${singleQuoted(offer)} "$given"\n        return\n        ;;`,
    )
    .join('\n');
}

function commandCase({ words, flags, argument }: Completable): string {
  const forms = flags.map(({ name, value }) => (value === undefined ? `-${name}` : `-${name}=`));
  return `    ${singleQuoted(words.join(' '))}) flags=${singleQuoted(forms.join(' '))} argument=${singleQuoted(offered(argument))} ;;`;
}

function offered(offer: Offer): string {
  return offer.type === 'words' ? offer.words.join(' ') : offer.type;
}
