/** The entry of the hub service's plain page, for browsers without a notebook. */

import "../ui/css/index.css";
import "./css/index.css";
import { render } from "preact";
import { translate } from "../ui/index.js";
import { Api } from "./api.js";
import { App, createView } from "./app.js";
import { readConfig } from "./config.js";
import { Directory } from "./directory.js";
import { roomWords, words } from "./words.js";

function start(host: HTMLElement): void {
  const config = readConfig(document);
  const api = new Api(config.base, {
    fetch: (url, init) => fetch(url, init),
    cookies: () => document.cookie,
    location: () => location.href,
  });
  const directory = new Directory(() => api.rooms(), document);
  translate(roomWords);
  render(<App view={createView(config, api, directory)} />, host);
}

const host = document.getElementById("meet");
if (host) {
  try {
    start(host);
  } catch (error) {
    console.error("meetwidget:", error);
    const line = document.createElement("p");
    line.className = "mp-instead";
    line.textContent = `${words.crashTitle}. ${words.crashText}`;
    host.replaceChildren(line);
  }
}
