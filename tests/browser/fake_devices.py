"""Chromium's fake devices, and what a page does with them: what is open, and pulling a plug."""

from __future__ import annotations

from tests.browser.person import Person

CAMERAS = "--use-fake-device-for-media-stream=device-count=3"
"""Chromium's own fakes: the first shows a bright figure on green, the third nothing but green."""
FIGURE, PLAIN = "fake_device_0", "fake_device_2"

WATCH_DEVICES = """
(() => {
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  const list = mediaDevices.enumerateDevices.bind(mediaDevices);
  // The second fake is a depth camera, whose pictures no encoder takes.
  const gone = new Set(['fake_device_1']);
  const tracks = [];
  globalThis.__devices = {
    asked: 0,
    open: () => tracks.filter((track) => track.readyState === 'live').map(({ label }) => label),
    unplug(label) {
      gone.add(label);
      for (const track of tracks) {
        if (track.label !== label || track.readyState !== 'live') continue;
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
      mediaDevices.dispatchEvent(new Event('devicechange'));
    },
  };
  mediaDevices.enumerateDevices = async () => (await list()).filter((d) => !gone.has(d.label));
  mediaDevices.getUserMedia = async (constraints) => {
    __devices.asked += 1;
    for (;;) {
      const stream = await ask(constraints);
      const [track] = stream.getTracks();
      if (!gone.has(track.label)) {
        tracks.push(track);
        return stream;
      }
      track.stop();
      const other = (await mediaDevices.enumerateDevices())
        .find((d) => d.kind.startsWith(track.kind));
      if (!other) throw new DOMException('none is left', 'NotFoundError');
      const kind = track.kind;
      constraints = { [kind]: { ...constraints[kind], deviceId: { exact: other.deviceId } } };
    }
  };
})();
"""
"""Init script that counts what the page asks of the browser and remembers what it was given.

Fake devices cannot be unplugged, so it also pulls the plug: the track ends, and the device is
neither listed nor given any more.
"""


def open_devices(person: Person) -> list[str]:
    """Names of the devices whose light is on, sorted."""
    found: list[str] = person.page.evaluate("__devices.open().sort()")
    return found


def unplug(person: Person, label: str) -> None:
    """Takes a device away while it is in use."""
    person.page.evaluate("label => __devices.unplug(label)", label)
