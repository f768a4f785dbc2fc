import { describe, expect, it } from "vitest";
import { roomOfPageUrl, roomPath, routeOf } from "../src/page/route.js";

const BASE = "/h%40b/services/meet/";
const at = (path: string, hash = "") => routeOf(BASE, { pathname: path, hash });

describe("an address of the plain page", () => {
  it("means the list of rooms, with and without its slash", () => {
    expect(at(BASE)).toEqual({ page: "home" });
    expect(at(BASE.slice(0, -1))).toEqual({ page: "home" });
  });

  it("means a room, nested ones too", () => {
    expect(at(`${BASE}rooms/physics-101`)).toEqual({ page: "room", room: "physics-101" });
    expect(at(`${BASE}rooms/course-101/lab-3`)).toEqual({
      page: "room",
      room: "course-101/lab-3",
    });
  });

  it("means a room whose name the room itself refuses, so that people read why", () => {
    expect(at(`${BASE}rooms/a%20b`)).toEqual({ page: "room", room: "a b" });
  });

  it("carries a guest's link behind the #, where no server sees it", () => {
    expect(at(`${BASE}guest`, "#a-token")).toEqual({ page: "guest", link: "a-token" });
    expect(at(`${BASE}guest`)).toEqual({ page: "guest", link: "" });
  });

  it("means nothing outside of the service or with broken escapes", () => {
    expect(at("/h%40b/services/other/")).toEqual({ page: "unknown" });
    expect(at(`${BASE}elsewhere`)).toEqual({ page: "unknown" });
    expect(at(`${BASE}rooms/%E0%A4%A`)).toEqual({ page: "unknown" });
  });
});

describe("a room's address", () => {
  it.each(["physics-101", "course-101/lab-3", "a.b_c-d/e"])("leads back to %s", (room) => {
    expect(at(roomPath(BASE, room))).toEqual({ page: "room", room });
  });

  it("names its room when a ticket carries it, relative or absolute", () => {
    const here = `https://hub.example${BASE}guest`;
    expect(roomOfPageUrl(BASE, `${BASE}rooms/a/b`, here)).toBe("a/b");
    expect(roomOfPageUrl(BASE, `https://meet.example${BASE}rooms/a`, here)).toBe("a");
    expect(roomOfPageUrl(BASE, "https://meet.example/elsewhere", here)).toBeNull();
    expect(roomOfPageUrl(BASE, "http://[", here)).toBeNull();
  });
});
