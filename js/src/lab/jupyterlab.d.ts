/**
 * As much of JupyterLab's interface as the labextension uses.
 *
 * Declared here, not installed: JupyterLab's own types come with 160 packages (104 MB), and none
 * of their code is in the bundle, since JupyterLab shares its modules with extensions. That these
 * members exist is what tests/browser/test_places.py promises, in the real thing. To check against
 * the real types, install those packages and delete this file.
 */

declare module "@lumino/coreutils" {
  /** What a plugin asks for or provides. */
  export class Token<T> {
    readonly name: string;
    /** Never there: carries the type. */
    readonly _tokenStructuralPropertyT: T;
  }
}

declare module "@lumino/signaling" {
  export interface ISignal<S, A> {
    connect(slot: (sender: S, args: A) => void): boolean;
    disconnect(slot: (sender: S, args: A) => void): boolean;
  }
}

declare module "@lumino/widgets" {
  export class Widget {
    id: string;
    readonly node: HTMLElement;
    readonly title: { label: string; caption: string };
    readonly parent: Widget | null;
    readonly isDisposed: boolean;
    /** Whether it is on the page and not behind another tab. */
    readonly isVisible: boolean;
    activate(): void;
    dispose(): void;
  }
  export class DockPanel extends Widget {
    /** Brings a widget's tab to the front, without giving it the focus. */
    selectWidget(widget: Widget): void;
  }
}

declare module "@lumino/commands" {
  export interface CommandOptions {
    readonly label: string;
    readonly caption?: string;
    readonly iconClass?: string;
    readonly execute: (args: Readonly<Record<string, unknown>>) => unknown;
    readonly isEnabled?: () => boolean;
    readonly isVisible?: () => boolean;
    readonly describedBy?: { readonly args: unknown };
  }
  export class CommandRegistry {
    addCommand(id: string, options: CommandOptions): void;
    notifyCommandChanged(id?: string): void;
  }
}

declare module "@jupyterlab/services" {
  export namespace Contents {
    interface IModel {
      readonly path: string;
      readonly type: string;
    }
    interface IManager {
      get(path: string, options?: { readonly content?: boolean }): Promise<IModel>;
      /** A path without its drive. */
      localPath(path: string): string;
      /** The drive of a path, "" for the server's own files. */
      driveName(path: string): string;
    }
  }
  export namespace ServiceManager {
    interface IManager {
      readonly contents: Contents.IManager;
      readonly serverSettings: { readonly baseUrl: string };
    }
  }
}

declare module "@jupyterlab/application" {
  import type { ServiceManager } from "@jupyterlab/services";
  import type { CommandRegistry } from "@lumino/commands";
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";
  import type { Widget } from "@lumino/widgets";

  export interface Shell {
    readonly currentWidget: Widget | null;
    activateById(id: string): void;
    add(widget: Widget, area: string, options?: { readonly rank?: number }): void;
    widgets(area?: string): Iterable<Widget>;
  }
  export class JupyterFrontEnd {
    readonly commands: CommandRegistry;
    readonly shell: Shell;
    readonly serviceManager: ServiceManager.IManager;
    readonly restored: Promise<void>;
    /** The innermost element at the last right click for which `accept` is true. */
    contextMenuHitTest(accept: (node: HTMLElement) => boolean): HTMLElement | undefined;
  }
  /** Its services are given to `activate` after the application: required, then optional ones. */
  export interface JupyterFrontEndPlugin<T> {
    readonly id: string;
    readonly description?: string;
    readonly autoStart?: boolean;
    readonly requires?: readonly Token<unknown>[];
    readonly optional?: readonly Token<unknown>[];
    readonly provides?: Token<T>;
    // biome-ignore lint/suspicious/noExplicitAny: their types are those of the tokens above
    readonly activate: (app: JupyterFrontEnd, ...services: any[]) => T;
  }
  export interface ILabShell extends Shell {
    readonly currentChanged: ISignal<this, unknown>;
  }
  export const ILabShell: Token<ILabShell>;
}

declare module "@jupyterlab/cells" {
  import type { Widget } from "@lumino/widgets";
  export class Cell extends Widget {
    readonly model: {
      readonly id: string;
      readonly sharedModel: { setSource(source: string): void };
    };
  }
}

declare module "@jupyterlab/notebook" {
  import type { Cell } from "@jupyterlab/cells";
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";
  import type { Widget } from "@lumino/widgets";

  export class Notebook extends Widget {
    readonly widgets: readonly Cell[];
    readonly activeCell: Cell | null;
    activeCellIndex: number;
    mode: "command" | "edit";
    deselectAll(): void;
    /** Settled when the cell is there; `smart` leaves alone what is in sight. */
    scrollToItem(index: number, align: "auto" | "smart" | "center"): Promise<void>;
  }
  export class NotebookPanel extends Widget {
    readonly content: Notebook;
    readonly context: {
      readonly path: string;
      readonly ready: Promise<void>;
      readonly pathChanged: ISignal<unknown, string>;
    };
    /** Settled once the widget shows its content. */
    readonly revealed: Promise<void>;
  }
  export interface INotebookTracker {
    /** The notebook that had the focus last. */
    readonly currentWidget: NotebookPanel | null;
    readonly currentChanged: ISignal<this, NotebookPanel | null>;
    readonly activeCellChanged: ISignal<this, Cell | null>;
    readonly widgetAdded: ISignal<this, NotebookPanel>;
    find(accept: (panel: NotebookPanel) => boolean): NotebookPanel | undefined;
    forEach(visit: (panel: NotebookPanel) => void): void;
  }
  export const INotebookTracker: Token<INotebookTracker>;
  export namespace NotebookActions {
    /** Adds a code cell below the active one and makes it the active one. */
    function insertBelow(notebook: Notebook): void;
    function changeCellType(notebook: Notebook, type: "code" | "markdown" | "raw"): void;
  }
}

declare module "@jupyterlab/docmanager" {
  import type { NotebookPanel } from "@jupyterlab/notebook";
  import type { Token } from "@lumino/coreutils";

  export interface OpenOptions {
    readonly mode?: "tab-after" | "split-right";
    /** Id of the widget that `mode` is about. */
    readonly ref?: string;
    readonly activate?: boolean;
  }
  export interface IDocumentManager {
    openOrReveal(
      path: string,
      factory: "Notebook",
      kernel?: undefined,
      options?: OpenOptions,
    ): NotebookPanel | undefined;
  }
  export const IDocumentManager: Token<IDocumentManager>;
}

declare module "@jupyterlab/apputils" {
  import type { Token } from "@lumino/coreutils";
  export interface ICommandPalette {
    addItem(options: { readonly command: string; readonly category: string }): unknown;
  }
  export const ICommandPalette: Token<ICommandPalette>;
}
