/** What this browser, on this page, can do in a meeting, and why not if it cannot. */

import type { Capability } from "./types.js";

const has = (name: string): boolean => name in globalThis;

/** Looks once; nothing here changes while a page lives. */
export function detectCapability(): Capability {
  const decode = has("VideoDecoder") && has("AudioDecoder") && has("EncodedVideoChunk");
  const draw =
    has("Worker") &&
    has("HTMLCanvasElement") &&
    "transferControlToOffscreen" in HTMLCanvasElement.prototype;
  const watch = decode && draw && has("AudioWorkletNode");
  const devices = typeof navigator !== "undefined" && !!navigator.mediaDevices?.getUserMedia;
  const camera = watch && devices && has("VideoEncoder");
  const microphone = watch && devices && has("AudioEncoder");
  const able = { camera, microphone, watch };
  if (camera && microphone) return able;
  return { ...able, reason: whyNot(watch, devices) };
}

function whyNot(watch: boolean, devices: boolean): string {
  if (!globalThis.isSecureContext) {
    return "Browsers allow sound and pictures on HTTPS or localhost only; this page came over plain HTTP, so here is the chat.";
  }
  if (globalThis.location?.protocol === "vscode-webview:") {
    return "VS Code gives notebooks no camera or microphone; open the notebook in a browser to be seen and heard.";
  }
  if (!watch) {
    return "This browser lacks WebCodecs, so it can show no pictures and play no sound; a current Chrome, Edge or Firefox can.";
  }
  if (!devices) {
    return "This page may not use a camera or microphone; you can watch and listen.";
  }
  return "This browser cannot encode video and sound, so you can watch and listen; a current Chrome, Edge or Firefox can do both.";
}
