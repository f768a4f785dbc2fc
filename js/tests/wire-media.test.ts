import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as media from "../src/wire/media.js";
import { invalidMedia, validMedia } from "./corpus.js";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

const header = fc.record({
  kind: fc.integer({ min: 1, max: 3 }),
  flags: fc.constantFrom(0, 1, 2, 3, 6, 7, 0x22),
  handle: fc.nat(0xffff),
  sequence: fc.nat(0xffffffff),
  captureUs: fc.maxSafeNat(),
  baseCount: fc.nat(0xffff),
  config: fc.nat(255),
});

describe("media frames", () => {
  it.each(validMedia)("reads and writes $name", (stated) => {
    const frame = bytes(stated.hex);
    const read = media.parseHeader(frame);
    expect({
      kind: read.kind,
      key: media.isKey(read),
      last: (read.flags & media.FLAG_LAST) !== 0,
      layer: media.layerOf(read),
      extension: (read.flags & media.FLAG_EXTENSION) !== 0,
      encrypted: (read.flags & media.FLAG_ENCRYPTED) !== 0,
      handle: read.handle,
      sequence: read.sequence,
      capture_us: read.captureUs,
      base_count: read.baseCount,
      config: read.config,
    }).toEqual(stated.header);
    expect(hex(media.payloadOf(frame))).toBe(stated.payload);
    expect(hex(media.packFrame(read, frame.subarray(media.HEADER_BYTES)))).toBe(stated.hex);
    if (stated.ack) {
      const { received, clock_us } = stated.ack;
      expect(media.parseAck(frame)).toEqual({ received, clockUs: clock_us });
    }
  });

  it.each(invalidMedia)("refuses $name", (stated) => {
    expect(() => media.parseHeader(bytes(stated.hex))).toThrow(media.BadMediaFrame);
  });

  it("come back from the wire as they were sent, whatever they hold", () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 64 }), (sent, payload) => {
        const frame = media.packFrame(sent, payload);
        expect(media.parseHeader(frame)).toEqual(sent);
        expect(media.payloadOf(frame)).toEqual(payload);
      }),
    );
  });

  it("are refused or read, never misread past their end, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (data) => {
        try {
          media.parseHeader(data);
        } catch (error) {
          expect(error).toBeInstanceOf(media.BadMediaFrame);
          return;
        }
        expect(media.payloadOf(data).byteLength).toBeLessThanOrEqual(data.byteLength - 20);
      }),
    );
  });

  it("acknowledge byte counts beyond 32 bits", () => {
    const ack = { received: 2 ** 40 + 7, clockUs: 1_760_000_000_000_000 };
    expect(media.parseAck(media.packAck(ack.received, ack.clockUs))).toEqual(ack);
    expect(() => media.parseAck(bytes(validMedia[0]!.hex))).toThrow(media.BadMediaFrame);
  });
});

describe("fragments", () => {
  const push = (reassembler: media.Reassembler, frame: Uint8Array) =>
    reassembler.push(media.parseHeader(frame), media.payloadOf(frame));

  it("of any chunk become that chunk again, in frames no larger than asked for", () => {
    fc.assert(
      fc.property(
        header,
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (sent, chunk, size) => {
          const frames = media.fragment(sent, chunk, size);
          expect(frames.every((frame) => frame.byteLength <= media.HEADER_BYTES + size)).toBe(true);
          const reassembler = new media.Reassembler();
          const units = frames.map((frame) => push(reassembler, frame));
          expect(units.slice(0, -1).every((unit) => unit === null)).toBe(true);
          expect(units.at(-1)?.data).toEqual(chunk);
          expect(units.at(-1)?.header).toEqual({ ...sent, flags: sent.flags | media.FLAG_LAST });
        },
      ),
    );
  });

  it("never make a unit of pieces with a hole, and the next unit is whole again", () => {
    const chunk = Uint8Array.from({ length: 50 }, (_, index) => index);
    const unit = (sequence: number, captureUs: number) =>
      media.fragment(
        { kind: 2, flags: 0, handle: 1, sequence, captureUs, baseCount: captureUs, config: 0 },
        chunk,
        10,
      );
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4], { minLength: 1, maxLength: 4 }), (kept) => {
        fc.pre(kept.includes(0));
        const reassembler = new media.Reassembler();
        const first = unit(0, 1);
        for (const index of kept) expect(push(reassembler, first[index]!)).toBeNull();
        const whole = unit(5, 2).map((frame) => push(reassembler, frame));
        expect(whole.at(-1)?.data).toEqual(chunk);
      }),
    );
  });
});
