/** A line in virtual time: rate, delay, a queue, lost packets that hold others up, and outages. */

import { Flight } from "../src/media/flight.js";

const ACK_INTERVAL_MS = 100;

/** One direction carries frames in order, the other brings the relay's word of them. */
export class ModelledLine {
  readonly flight = new Flight();
  /** Bits a second; 0 is an outage. */
  rate: number;
  /** Waiting in front of the bottleneck: size and when it was sent. */
  #queue: { left: number; bytes: number; at: number }[] = [];
  /** On the far side of the bottleneck. */
  #flying: { bytes: number; at: number; sentAt: number }[] = [];
  #acks: { total: number; at: number }[] = [];
  #received = 0;
  #told = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #heldUntil = 0;
  /** Age at arrival of every frame, ms, and when it arrived. */
  readonly arrived: { at: number; age: number; bytes: number }[] = [];

  constructor(
    rate: number,
    readonly roundTripMs: number,
  ) {
    this.rate = rate;
  }

  send(bytes: number, now: number): void {
    this.flight.send(bytes, now);
    this.#queue.push({ left: bytes, bytes, at: now });
  }

  /** A packet is lost: what comes after it waits for it. */
  lose(now: number): void {
    this.#heldUntil = now + this.roundTripMs * 1.5 + 50;
  }

  /** One millisecond passes. */
  tick(now: number): void {
    let bytes = this.rate / 8000;
    while (bytes > 0 && this.#queue[0]) {
      const head = this.#queue[0];
      const taken = Math.min(bytes, head.left);
      head.left -= taken;
      bytes -= taken;
      if (head.left > 0) break;
      this.#queue.shift();
      this.#flying.push({ bytes: head.bytes, at: now + this.roundTripMs / 2, sentAt: head.at });
    }
    while (this.#flying[0] && this.#flying[0].at <= now && now >= this.#heldUntil) {
      const { bytes: size, sentAt } = this.#flying.shift()!;
      this.#received += size;
      this.arrived.push({ at: now, age: now - sentAt, bytes: size });
      this.#acknowledge(now); // with the first of a burst, as the relay does
    }
    this.#acknowledge(now);
    while (this.#acks[0] && this.#acks[0].at <= now) {
      this.flight.acknowledge(this.#acks.shift()!.total, now);
    }
  }

  #acknowledge(now: number): void {
    if (this.#received === this.#told || now - this.#toldAt < ACK_INTERVAL_MS) return;
    this.#told = this.#received;
    this.#toldAt = now;
    this.#acks.push({ total: this.#told, at: now + this.roundTripMs / 2 });
  }
}
