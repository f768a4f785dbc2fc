/** Keeps a fault of the interface from taking the notebook's output, or the meeting, with it. */

import { Component, type ComponentChildren } from "preact";
import { CrashCard } from "./states.js";

export class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error("meetwidget:", error);
    this.setState({ failed: true });
  }

  override render(): ComponentChildren {
    return this.state.failed ? (
      <div class="mw-frame" data-shape="card">
        <CrashCard />
      </div>
    ) : (
      this.props.children
    );
  }
}
