#!/usr/bin/env bash
# What the tests need from the system: two browsers, speech, a sound card, certificates, fonts.
# As root on a Debian-like system they are installed; elsewhere this says what to install.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing+=(firefox-esr)
command -v espeak-ng >/dev/null || missing+=(espeak-ng)
command -v openssl >/dev/null || missing+=(openssl)
command -v pulseaudio >/dev/null || missing+=(pulseaudio)
[ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || missing+=(fonts-noto-color-emoji)
[ -d /usr/share/fonts/truetype/dejavu ] || missing+=(fonts-dejavu)

[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "The browser tests need: ${missing[*]}" >&2
    echo "Install them, for example: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
