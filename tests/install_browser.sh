#!/bin/sh
# Install Debian's Chromium and a Chinese font for the browser tests, where this machine and person may.
# Where they may not, say so loudly and go on: those tests skip with a reason and the summary counts them.
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  as_root="no"
fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null; then
  echo "NO BROWSER: chromium is missing and cannot be installed here; browser tests will be skipped." >&2
  exit 0
fi
$as_root apt-get update -qq &&
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium fonts-noto-cjk poppler-utils >/dev/null ||
  echo "NO BROWSER: chromium could not be installed; browser tests will be skipped." >&2
exit 0
