/**
 * The labextension: JupyterLab 4 and Notebook 7 load it when they start.
 *
 * So it is small, and holds nothing of a meeting itself: that comes with the widget of a cell.
 * One plugin per concern, each in a file of its own.
 */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { beside } from "./beside.js";
import { places } from "./places.js";

const plugins: JupyterFrontEndPlugin<unknown>[] = [places, beside];

export default plugins;
