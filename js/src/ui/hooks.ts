/** Small hooks that several components need. */

import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MediaEngine } from "../media/index.js";
import type { Session } from "../session/index.js";
import type { Signs } from "./signs.js";

/** `Date.now()`, anew every `everyMs` while `active`. */
export function useNow(everyMs: number, active = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, active]);
  return now;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An element's content box in CSS pixels; 0 × 0 before the first layout. */
export function useSize<T extends HTMLElement>(): [(element: T | null) => void, Size] {
  const [element, setElement] = useState<T | null>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (!element) return;
    const take = (width: number, height: number): void =>
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    const style = getComputedStyle(element);
    take(
      element.clientWidth - Number.parseFloat(style.paddingLeft) * 2,
      element.clientHeight - Number.parseFloat(style.paddingTop) * 2,
    );
    const observer = new ResizeObserver((entries) => {
      const box = entries[entries.length - 1]?.contentRect;
      if (box) take(Math.round(box.width), Math.round(box.height));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, size];
}

/** Whether an element is near the visible part of the page; false while collapsed or scrolled away. */
export function useVisible(margin = "160px"): [{ current: HTMLElement | null }, boolean] {
  const ref = useRef<HTMLElement | null>(null);
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    if (!ref.current || typeof IntersectionObserver === "undefined") return;
    const view = ref.current.ownerDocument.defaultView ?? window;
    const observer = new view.IntersectionObserver(
      (entries) => setVisible(entries[entries.length - 1]?.isIntersecting ?? true),
      { rootMargin: margin },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [margin]);
  return [ref, visible];
}

/** Keeps the signs of quality up to date while the component is there. */
export function useSigns(session: Session, engine: MediaEngine | null, signs: Signs): void {
  useEffect(
    () => (engine ? effect(() => signs.update(session, engine)) : undefined),
    [session, engine, signs],
  );
}

/** Whether `element` fills the screen. */
export function useFullScreen(element: Element | null): boolean {
  const [full, setFull] = useState(false);
  useEffect(() => {
    if (!element) return;
    const page = element.ownerDocument;
    const look = (): void => setFull(page.fullscreenElement === element);
    page.addEventListener("fullscreenchange", look);
    return () => page.removeEventListener("fullscreenchange", look);
  }, [element]);
  return full;
}
