import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inPhase, Page, until } from "./page.js";
import { SmallRelay } from "./small-relay.js";

/** What may happen while two people write. */
const fault = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant("say" as const), who: fc.nat(1) }) },
  fc.record({
    what: fc.constantFrom(
      "drop" as const,
      "restart" as const,
      "hear, unheard" as const,
      "full disk" as const,
      "too fast" as const,
      "well again" as const,
      "breathe" as const,
    ),
    who: fc.nat(1),
  }),
);

describe("two people on a line with every fault", () => {
  it("end with the same log, each message in it exactly once and in its author's order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 5, maxLength: 40 }), async (story) => {
        const relay = await SmallRelay.start();
        const sessions = [new Page().sessionAt(relay), new Page().sessionAt(relay)];
        const said: string[][] = [[], []];
        try {
          for (const session of sessions) session.join();
          for (const session of sessions) await inPhase(session, "live");
          for (const { what, who } of story) {
            if (what === "say") {
              const word = `${who}-${said[who]!.length}`;
              said[who]!.push(word);
              sessions[who]!.say(word);
            } else if (what === "drop") relay.drop();
            else if (what === "restart") relay.restart();
            else if (what === "hear, unheard") relay.mute = true;
            else if (what === "full disk") relay.refusal = "not-kept";
            else if (what === "too fast") relay.budget = 1;
            else if (what === "well again") relay.recover();
            else await new Promise((resolve) => setTimeout(resolve, 3));
          }
          relay.recover();
          relay.drop(); // what was not answered is sent again
          const all = said.flat().sort();
          await until(() => {
            for (const session of sessions) {
              for (const { cid, delivery } of session.messages.peek()) {
                if (delivery.kind === "failed") session.retry(cid!);
              }
            }
            return sessions.every((session) => {
              const messages = session.messages.peek();
              return messages.length >= all.length && messages.every((one) => one.offset !== null);
            });
          }, "all messages in both logs");
          const [ada, bob] = sessions.map((session) =>
            session.messages.peek().map(({ id, body, offset }) => ({ id, body, offset })),
          );
          expect(ada).toEqual(bob);
          expect(ada!.map(({ body }) => body).sort()).toEqual(all);
          expect(relay.log).toHaveLength(all.length);
          if (!story.some(({ what }) => what === "full disk")) {
            const order = ada!.map(({ body }) => body);
            for (const words of said)
              expect(order.filter((one) => words.includes(one))).toEqual(words);
          }
        } finally {
          for (const session of sessions) session.leave();
          await relay.stop();
        }
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});
