/**
 * Counts the views of a session. A re-run cell disposes its view and shows a new one a moment
 * later, so the last one to go starts a grace, not the end.
 */

export class Views {
  #shown = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `unseen` is called when no view came back within `grace` ms. */
  constructor(
    readonly grace: number,
    readonly unseen: () => void,
  ) {}

  /** A view shows the session until the returned function is called. */
  attach(): () => void {
    clearTimeout(this.#timer);
    this.#shown += 1;
    let shows = true;
    return () => {
      if (!shows) return;
      shows = false;
      this.#shown -= 1;
      if (this.#shown === 0) this.#timer = setTimeout(this.unseen, this.grace);
    };
  }
}
