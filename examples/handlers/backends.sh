#!/bin/sh
# Keeps backends.txt: one line for each member with the role web that is here. A handler reads one line for each member
# that an event is about: name, address, role and tags, with tabs between them.
list=backends.txt
touch "$list"

while IFS="$(printf '\t')" read -r name address role tags; do
  grep -v "^$name " "$list" >"$list.new"
  case $SERF_EVENT in
    member-join | member-update) [ "$role" = web ] && echo "$name $address" >>"$list.new" ;;
  esac
  mv "$list.new" "$list"
done
