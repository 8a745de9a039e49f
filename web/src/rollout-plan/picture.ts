// The storyboard as one SVG: every state in a row, for documents that cannot hold the element.

import type { Route, SummaryTarget } from "../../pkg/foreshift_wasm.js";
import { among, type Moment, planned, role, type Role, shareWords, stepName, words } from "./moments.js";

const WIDTH = 960;
const NAME = 250;
const BAR = 320;
const HEAD = 48;
const LANE = 26;
const LINE = 16;
const SHARES = { x: NAME + BAR + 32, room: WIDTH - NAME - BAR - 48 };

const FILLS: Record<Role, string> = { stable: "#2f6f9f", canary: "url(#c)", other: "#8a8f98", error: "url(#e)" };

/** Names come from others: every one of them goes through `text`. */
export function picture(application: string, target: SummaryTarget, all: Moment[]): string {
  const lanes = planned(all, target);
  const rows: string[] = [];
  let y = HEAD;
  for (const { state, routes } of all) {
    const shown = among(routes, lanes);
    rows.push(text(16, y + 15, `${state.index}  ${stepName(state)}`, NAME, "font-weight='600'"));
    const top = y;
    for (const route of shown) {
      let x = NAME;
      for (const share of route.shares) {
        const width = (BAR * share.percent) / 100;
        // Two others beside each other stay two.
        rows.push(`<rect x='${x}' y='${y}' width='${width}' height='18' stroke='#fff' fill='${FILLS[role(share, target)]}'/>`);
        x += width;
      }
      const lines = [...(lanes.length > 1 ? [route.route] : []), ...shares(route)];
      lines.forEach((line, at) => rows.push(text(SHARES.x, y + 14 + at * LINE, line, SHARES.room, "font-size='13'")));
      y += Math.max(LANE, lines.length * LINE + 8);
    }
    y = Math.max(y, top + LANE);
    if (state.gate) {
      rows.push(text(NAME, y + 8, `waits for ${words(state.gate)}`, WIDTH - NAME - 16, "fill='#565d66' font-size='12'"));
      y += 20;
    }
    y += 6;
  }
  const title = `${application}: ${target.name}`;
  return `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${WIDTH} ${y + 8}' width='${WIDTH}' height='${y + 8}' role='img' font-family='system-ui, sans-serif' font-size='14' fill='#1a1d21'>
<title>${escaped(title)}</title>
<defs>${hatch("c", "#b4510c", 135)}${hatch("e", "#b3261e", 45)}</defs>
<rect width='100%' height='100%' fill='#fff'/>
${text(16, 28, title, WIDTH - 32, "font-size='18' font-weight='600'")}
${rows.join("\n")}
</svg>
`;
}

/** Who gets what, in as many lines as it takes. */
function shares({ shares }: Route): string[] {
  const lines: string[] = [];
  for (const share of shares) {
    const words = shareWords(share);
    const longer = `${lines.at(-1)}, ${words}`;
    if (lines.length > 0 && longer.length <= fitting(SHARES.room)) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(words);
    }
  }
  return lines;
}

function hatch(id: string, colour: string, angle: number): string {
  return `<pattern id='${id}' width='8' height='8' patternUnits='userSpaceOnUse' patternTransform='rotate(${angle})'><rect width='8' height='8' fill='#fff'/><rect width='5' height='8' fill='${colour}'/></pattern>`;
}

/** How many characters fit; nobody knows the reader's font. */
function fitting(room: number): number {
  return Math.floor(room / 7.5);
}

/** A line of text, cut where it would be wider than there is room. */
function text(x: number, y: number, words: string, room: number, more = ""): string {
  const most = fitting(room);
  const cut = [...words].length > most ? `${[...words].slice(0, most - 1).join("")}…` : words;
  return `<text x='${x}' y='${y}' ${more}>${escaped(cut)}</text>`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", '"': "&quot;" };

/** No markup, and no character that XML refuses. */
function escaped(words: string): string {
  return words.replaceAll(/[&<>'"]/g, (found) => ENTITIES[found]!).replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}
