// Line breaks: every editor in a browser knows `\n` only, and a user's file keeps its own.

import type { Range } from "./editor.js";

/** A text as an editor shows it. */
export function shown(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** An edited text with the line breaks of the text that it was; of two kinds the first one wins. */
export function kept(edited: string, before: string): string {
  return /^[^\n]*\r\n/.test(before) ? edited.replaceAll("\n", "\r\n") : edited;
}

/** A range of the text as one of what the editor shows. */
export function shownRange(text: string, { from, to }: Range): Range {
  return { from: shown(text.slice(0, from)).length, to: shown(text.slice(0, to)).length };
}
