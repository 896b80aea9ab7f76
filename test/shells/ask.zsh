# Prints what zsh offers: zsh -f ask.zsh SCRIPT 'COMMAND LINE'. A second zsh on a pseudo terminal completes, with
# `compadd` wrapped so that it shows its matches.
if [[ $1 == inner ]]; then
  PS1=
  autoload -Uz compinit
  compinit -u -D
  source $2
  compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
      builtin compadd "$@"
      return
    fi
    local -a matches
    builtin compadd -A matches "$@"
    (( $#matches )) && print -r -- "OFFER<"${^matches}">"
    builtin compadd "$@"
  }
  all-offered() {
    print "ALL-OFFERED"
    exit
  }
  comppostfuncs=(all-offered)
  print "SET-UP"
  return
fi

zmodload zsh/zpty
local shown
zpty inner zsh -f -i
zpty -w inner "source $0 inner $1"
zpty -r inner shown '*SET-UP*'
zpty -w -n inner "$2"$'\t'
zpty -r inner shown '*ALL-OFFERED*'
print -r -- "$shown"
