#!/bin/sh
# Starts Kamailio with this configuration in the foreground; further arguments go to Kamailio.
# Settings are environment variables: see README.md. LISTEN is where SIP is spoken.
set -eu
cd "$(dirname "$0")"
: "${TRUNKLINE_API_KEY:?the key that Trunkline gave to this proxy}"
exec kamailio -DD -E -f "$PWD/kamailio.cfg" -l "${LISTEN:-udp:127.0.0.1:5060}" "$@"
