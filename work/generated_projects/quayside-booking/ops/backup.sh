#!/bin/sh
# Back up the bookings, restore them into a scratch file and count.
set -eu
from=${1:?usage: backup.sh harbour.sqlite folder}
to=${2:?usage: backup.sh harbour.sqlite folder}/$(date +%F).sqlite

sqlite3 "$from" ".backup '$to'"
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
cp "$to" "$scratch"
there=$(sqlite3 "$scratch" 'SELECT count(*) FROM stay')
here=$(sqlite3 "$from" 'SELECT count(*) FROM stay')
[ "$there" -le "$here" ] && [ "$there" -gt 0 ] || { echo "backup of $from is not whole: $there of $here" >&2; exit 1; }
find "$(dirname "$to")" -name '*.sqlite' -mtime +30 ! -name '*-01.sqlite' -delete
