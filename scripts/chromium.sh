#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs one when there is none. Messages go to stderr.
find_one() {
    if [ -n "${CHROMIUM:-}" ]; then
        command -v "$CHROMIUM" && return
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    for file in "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        [ -x "$file" ] && echo "$file" && return
    done
    return 1
}

find_one && exit 0
if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
if command -v apt-get >/dev/null; then
    echo "Installing Chromium …" >&2
    { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends chromium; } >&2
fi
find_one && exit 0
echo "No Chromium found, and it could not be installed. Install it, or set CHROMIUM to its path." >&2
exit 1
