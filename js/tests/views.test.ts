import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Views } from "../src/session/views.js";

describe("the views of a session", () => {
  const unseen = vi.fn();
  let views: Views;
  beforeEach(() => {
    vi.useFakeTimers();
    unseen.mockReset();
    views = new Views(1000, unseen);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("may all go for a moment, as when a cell is run again", () => {
    const first = views.attach();
    first();
    vi.advanceTimersByTime(999);
    views.attach();
    vi.advanceTimersByTime(10_000);
    expect(unseen).not.toHaveBeenCalled();
  });

  it("count once each, however often they are told gone", () => {
    const first = views.attach();
    views.attach();
    first();
    first();
    vi.advanceTimersByTime(10_000);
    expect(unseen).not.toHaveBeenCalled();
  });

  it("end the session once, a grace after the last has gone", () => {
    const [first, second] = [views.attach(), views.attach()];
    second();
    first();
    vi.advanceTimersByTime(999);
    expect(unseen).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(unseen).toHaveBeenCalledOnce();
  });
});
