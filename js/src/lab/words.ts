/** What the labextension says. */

export const words = {
  category: "Meeting",
  pointAtCell: "Point at This Cell in the Meeting",
  pointAtCellHint: "The next message in the meeting leads to this cell",
  noPath: "This place is not a notebook on this server.",
  notThere: (path: string) =>
    `There is no ${path} on this server, or you may not read it; ask for a copy.`,
  noAnswer: (path: string) => `The server did not give ${path}; try again.`,
  noNotebook: "No notebook is open here; open one and click into it.",
  otherTab: (path: string) =>
    `${path} opens in a tab of its own here; click on the place to open it.`,
  blocked: "The browser kept the new tab from opening; allow pop-ups for this page.",
};
