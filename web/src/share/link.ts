// Links that hold a rollout. The format is in crates/foreshift/src/share/README.md, shared with the command line.

import { deflateSync, Inflate } from "fflate";
import type { PlanRequest } from "../../pkg/foreshift_wasm.js";
import likely from "../../../crates/foreshift/src/share/dictionary-1.txt?raw";
import { damaged, newer, noLink, tooLarge } from "./fault.js";
import { read, write } from "./request.js";

/** What a link opens: a rollout, and where in it. */
export interface Shared {
  request: PlanRequest;
  /** Which target is shown, from 0. */
  target?: number;
  /** Which state is shown, from 0. */
  state?: number;
}

const LONGEST_FRAGMENT = 1_500_000;
const LARGEST_TEXT = 1 << 20;

/** Deflate makes at most 1032 bytes of one: so much goes in before what came out is looked at. */
const SLICE = 512;

const dictionary = new TextEncoder().encode(likely.replaceAll("\n", "\\n"));

/** The fragment of a link, from `#` on; throws a `LinkFault` where nobody could open it. */
export function fragment({ request, target, state }: Shared): string {
  const text = new TextEncoder().encode(write(request));
  if (text.length > LARGEST_TEXT) {
    throw tooLarge("its texts have more than 1 MiB");
  }
  const data = base64(deflateSync(text, { level: 9, mem: 12, dictionary }));
  const view = { target, state };
  const shown = Object.entries(view).map(([name, value]) => (value === undefined ? "" : `&${name}=${value}`));
  return `#1=${data}${shown.join("")}`;
}

/** What a link or its fragment holds; throws a `LinkFault`. */
export function open(link: string): Shared {
  const start = link.indexOf("#");
  const fragment = link.slice(start + 1).trim();
  const [, version, rest] = /^(\d+)=([^]*)$/.exec(fragment) ?? [];
  if (start < 0 || version === undefined || rest === undefined || Number(version) === 0) {
    throw noLink();
  }
  if (version !== "1") {
    throw newer(version);
  }
  if (fragment.length > LONGEST_FRAGMENT) {
    throw tooLarge("it has more than 1.5 million characters");
  }
  const [data, ...view] = rest.split("&");
  if (!data) {
    throw damaged("nothing stands behind `#1=`");
  }
  return { request: read(utf8(inflate(bytes(data)))), ...shown(view) };
}

/** The view behind the request; what a later version adds to it is passed over, it only says what to look at. */
function shown(view: string[]): Omit<Shared, "request"> {
  const found: Omit<Shared, "request"> = {};
  for (const part of view) {
    const [, name, digits] = /^(target|state)=(\d{1,6})$/.exec(part) ?? [];
    if (name === "target" || name === "state") {
      found[name] = Number(digits);
    }
  }
  return found;
}

/** Inflates slice by slice, so that a bomb ends where it begins to be one. */
function inflate(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  const stream = new Inflate({ dictionary }, (part, last) => {
    parts.push(part);
    size += part.length;
    ended = last;
  });
  for (let at = 0; at === 0 || at < data.length; at += SLICE) {
    push(stream, data.subarray(at, at + SLICE), at + SLICE >= data.length);
    if (size > LARGEST_TEXT) {
      throw tooLarge("what it holds has more than 1 MiB");
    }
  }
  if (!ended) {
    throw damaged("its end is missing");
  }
  return joined(parts, size);
}

function push(stream: Inflate, part: Uint8Array, last: boolean): void {
  try {
    stream.push(part, last);
  } catch {
    throw damaged("a part is missing or was changed");
  }
}

function joined(parts: Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function utf8(data: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw damaged("a character was changed");
  }
}

function base64(data: Uint8Array): string {
  const units = Array.from({ length: Math.ceil(data.length / 0x8000) }, (_, part) =>
    String.fromCharCode(...data.subarray(part * 0x8000, (part + 1) * 0x8000)),
  );
  return btoa(units.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytes(text: string): Uint8Array {
  if (!/^[\w-]*$/.test(text)) {
    throw damaged("a character stands in it that no link has");
  }
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (unit) => unit.charCodeAt(0));
  } catch {
    throw damaged("a character is missing");
  }
}
