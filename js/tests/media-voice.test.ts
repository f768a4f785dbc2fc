import { expect, test } from "vitest";
import { decibels } from "../src/media/worker/loudness.js";
import { VoiceActivity } from "../src/media/worker/voice_activity.js";

/** Packets (20 ms each) of about `dbov`, give or take 1 dB; how many were active, and how many voice. */
function hear(activity: VoiceActivity, dbov: number, packets: number) {
  const heard = Array.from({ length: packets }, (_, i) => activity.take(dbov + Math.sin(i)));
  return {
    active: heard.filter(({ active }) => active).length,
    voice: heard.filter(({ voice }) => voice).length,
  };
}

test("silence is not sent, after half a second of breath", () => {
  const activity = new VoiceActivity();
  hear(activity, -30, 100);
  expect(hear(activity, -75, 100).active).toBeLessThan(30);
});

test("neither is the steady noise of a room, once it is known", () => {
  const activity = new VoiceActivity();
  hear(activity, -52, 100);
  expect(hear(activity, -52, 500)).toEqual({ active: 0, voice: 0 });
});

test("a voice is sent from its first packet, and called one", () => {
  const activity = new VoiceActivity();
  hear(activity, -55, 600);
  expect(hear(activity, -35, 50)).toEqual({ active: 50, voice: 50 });
});

test("a steady loud tone is no noise", () => {
  expect(hear(new VoiceActivity(), -20, 2_000).active).toBe(2_000);
});

test("loudness is told in dB of full scale", () => {
  expect(decibels(new Float32Array(960).fill(1))).toBeCloseTo(0);
  expect(decibels(new Float32Array(960).fill(0.1))).toBeCloseTo(-20);
  expect(decibels(new Float32Array(960))).toBeLessThanOrEqual(-120);
});
