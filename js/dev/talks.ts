/** What people say in the gallery's states: polls, files, mentions, shared cells, long logs. */

import type { ChatMessage, FileRef, Participant } from "../src/session/types.js";
import { message, person, poll } from "./fakes.js";

const ada = person(0);

/** Around these, so that reasons to read are in sight. */
export function pollTalk(you: Participant): ChatMessage[] {
  const voters = [1, 2, 3, 5, 6, 7, 8].map((index) => person(index));
  return [
    message(20, ada, "Which optimiser do we take for the next run?", {
      poll: poll(
        ["SGD with momentum", "Adam", "L-BFGS, though it does not fit into memory"],
        false,
        [...voters.map((who, index) => [who, [index % 2]] as const), [you, [1]]],
      ),
      pinned: true,
    }),
    message(21, person(2), "When can you come to the **lab**? (several)", {
      poll: poll(["Monday 10:00", "Tuesday 14:00", "Friday 9:00"], true, [
        [voters[0] ?? ada, [0, 1]],
        [voters[1] ?? ada, [1]],
        [voters[2] ?? ada, [1, 2]],
      ]),
    }),
    message(22, you, "Is the seed fixed?", {
      own: true,
      poll: { ...poll(["Yes", "No"], false, [[ada, [0]]]), closed: true },
    }),
    message(23, person(5), "Nobody has answered this one yet.", { poll: poll(["A", "B"]) }),
  ];
}

const FILES: Readonly<Record<string, FileRef>> = {
  picture: {
    id: "picture",
    name: "field.png",
    type: "image/png",
    size: 48_213,
    width: 1280,
    height: 720,
  },
  tall: {
    id: "tall",
    name: "whiteboard after the lecture.jpg",
    type: "image/jpeg",
    size: 1_830_000,
    width: 900,
    height: 1600,
  },
  data: { id: "data", name: "measurements-2026-11-22.csv", type: "text/csv", size: 12_400_000 },
  odd: {
    id: "odd",
    name: "<img src=x onerror=alert(1)> a file name that is so long that no card has room for it.tar.gz",
    type: "application/gzip",
    size: 913,
  },
};

function files(...names: string[]): FileRef[] {
  return names.flatMap((name) => FILES[name] ?? []);
}

export function fileTalk(you: Participant): ChatMessage[] {
  return [
    message(30, ada, "The field after 200 steps:", { files: files("picture") }),
    message(31, person(3), "", { files: files("tall", "picture") }),
    message(32, you, "And the raw data.", { own: true, files: files("data", "odd") }),
  ];
}

/** Mentions, a message about a cell, a shared cell, private messages. */
export function namingTalk(you: Participant): ChatMessage[] {
  const me = { name: you.user.name, text: you.user.display_name };
  const someone = { name: ada.user.name, text: ada.user.display_name };
  const location = { path: "course/lab-3.ipynb", cell: "f3a9c2" };
  return [
    message(24, ada, `@${me.text} could you look at this? @Nobody is not a name.`, {
      mentions: [me],
      mentionsMe: true,
    }),
    message(25, you, `@${someone.text} yes, in a minute.`, { own: true, mentions: [someone] }),
    message(26, ada, "Look at this cell", { location }),
    message(27, ada, "The fit", {
      location,
      data: {
        "text/plain": "beta = np.linalg.lstsq(X, y)[0]",
        "application/vnd.meetwidget.cell+json": {
          source: "beta = np.linalg.lstsq(X, y)[0]\nbeta",
          language: "python",
          execution_count: 7,
          outputs: [
            { output_type: "stream", name: "stdout", text: "fitting \u001b[32mdone\u001b[0m\n" },
            {
              output_type: "execute_result",
              execution_count: 7,
              metadata: {},
              data: { "text/plain": "array([0.93, 2.04])" },
            },
          ],
        },
      },
    }),
    message(28, person(2), "Between us: the seed was not fixed.", {
      to: ["you"],
      readers: [you.user],
    }),
  ];
}

const LINES = [
  "Yes.",
  "I get `0.104` after 38 epochs, and you?",
  "Could somebody explain why the loss goes up again at the end? It looked fine in the last run, and I have changed nothing but the seed.",
  "```python\nfor epoch in range(epochs):\n    step(model, batch)\n```",
  "- one\n- two\n- three",
  "🎉",
  "See https://en.wikipedia.org/wiki/Least_squares, the part on regularisation.",
];

/** `count` messages, one a minute, the newest now. */
export function longTalk(count: number, you: Participant): ChatMessage[] {
  const people = [ada, person(2), person(3), you];
  const start = Date.now() - count * 60_000;
  return Array.from({ length: count }, (_, index) => {
    const by = people[Math.floor(index / 3) % people.length] ?? ada;
    const body = `**${index + 1}**\n\n${LINES[(index * 5) % LINES.length]}`;
    const more = { at: start + index * 60_000, own: by === you, offset: index + 1 };
    return message(index + 1, by, body, { ...more, pinned: index % 997 === 500 });
  });
}
