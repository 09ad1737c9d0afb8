#!/usr/bin/env bash
# No address of a package index and no path of somebody's machine may get into a file that is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
pattern='--index-url|--extra-index-url|files\.pythonhosted|https?://[^ )"]*/(simple|maven2|packages)/|/home/[a-z]+/|/Users/[a-z]+/'
if git grep -nIE -e "$pattern" -- ':!scripts/check-texts.sh'; then
    echo "error: the lines above name a package index or a machine's path" >&2
    exit 1
fi
