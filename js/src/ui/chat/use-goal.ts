/** Leads to the message that was asked for: here, among the newest, or somewhere in the log. */

import { useEffect, useRef } from "preact/hooks";
import type { ChatMessage } from "../../session/index.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { readingOf } from "./reading.js";

/** `messages` are those of the list, by id; `show` brings one of them into sight. */
export function useGoal(
  messages: ReadonlyMap<string | null, ChatMessage>,
  show: (key: string) => void,
): void {
  const { session } = useRoom();
  const reading = readingOf(session);
  const goal = reading.goal.value;
  const passage = session.passage.value;
  const visiting = useRef<string | null>(null);

  useEffect(() => {
    if (goal === null) return;
    const here = messages.get(goal);
    if (here) {
      reading.goal.value = null;
      show(here.key);
    } else if (passage && session.messages.peek().some((message) => message.id === goal)) {
      session.leavePassage();
    } else if (visiting.current !== goal) {
      visiting.current = goal;
      const fail = (text: string): void => {
        if (reading.goal.peek() !== goal) return;
        reading.goal.value = null;
        session.notify("error", "no-message", text);
      };
      session
        .visit(goal)
        .then(
          (found) => found || fail(strings.messageGone),
          (problem: Error) => fail(problem.message),
        )
        .finally(() => {
          visiting.current = null;
        });
    }
  }, [goal, messages]);

  // Somebody else has opened a passage.
  const focus = passage?.focus ?? null;
  useEffect(() => {
    const here = focus === null || goal !== null ? undefined : messages.get(focus);
    if (here) show(here.key);
  }, [focus]);
}
