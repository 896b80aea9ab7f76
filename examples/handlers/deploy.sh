#!/bin/sh
# Pretends to put a version into place. The version is the payload, which a handler reads.
read -r version || { echo 'no version was given'; exit 1; }
echo "$version" >version.txt
echo "$SERF_SELF_NAME runs $version (event number $SERF_USER_LTIME)"
