// The text of an object with the lines that change: all of them, or those around a change.

import type { ChangedLine, Line } from "../../pkg/foreshift_wasm.js";

const AROUND = 2;

/** A text in which nothing turns what stands around it. */
export function safe(text: string): string {
  return text.replace(/\p{Bidi_C}/gu, "�");
}

/** Every line of a text, with those that were removed in their places. */
export function merged(text: string | null, changed: readonly ChangedLine[]): Line[] {
  const after = (text ?? "").split(/\r?\n/);
  if (after.at(-1) === "") {
    after.pop();
  }
  const removed = new Map(changed.map((line) => [line.before, line]));
  const added = new Map(changed.map((line) => [line.after, line]));
  const out: Line[] = [];
  for (let [old, now] = [1, 1]; ; ) {
    const line = removed.get(old) ?? added.get(now);
    if (!line && now > after.length) {
      return out;
    }
    out.push(line ?? { mark: "kept", before: old, after: now, text: after[now - 1] ?? "" });
    old += line?.mark === "added" ? 0 : 1;
    now += line?.mark === "removed" ? 0 : 1;
  }
}

/** The runs of lines near a change. */
export function hunks(lines: readonly Line[]): Line[][] {
  const out: Line[][] = [];
  let last = -1;
  lines.forEach((line, at) => {
    if (!lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ mark }) => mark !== "kept")) {
      return;
    }
    if (last !== at - 1 || out.length === 0) {
      out.push([]);
    }
    out.at(-1)?.push(line);
    last = at;
  });
  return out;
}
