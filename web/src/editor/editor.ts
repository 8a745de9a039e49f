// What an editor is to the page: a textarea at first, CodeMirror once it is loaded.

/** A text to edit. */
export interface Doc {
  /** Which one it is: selection, scroll place and undo steps belong to it. */
  id: number;
  /** What it is called, for those who cannot see the tabs. */
  label: string;
  text: string;
}

/** A place in a text, in UTF-16 units. */
export interface Range {
  from: number;
  to: number;
}

/** A finding where it is in the text. */
export interface Mark extends Range {
  severity: "error" | "warning" | "note";
  code: string;
  message: string;
  help: string | null;
}

/** One text at a time in a box; its lines end with `\n`. */
export interface Editor {
  /** Shows a text, and keeps selection and undo steps where it is the one that was shown. */
  show(doc: Doc): void;
  /** What is wrong with the text that is shown. */
  mark(marks: readonly Mark[]): void;
  /** Selects a place, brings it into view and puts the focus there. */
  select(range: Range): void;
  /** What is selected now, and whether the focus is in it. */
  selection(): Range & { focused: boolean };
  /** Takes it out of its box. */
  remove(): void;
}

/** Makes an editor in a box; `changed` is called with the whole text at each change that the user makes. */
export type MakeEditor = (box: ShadowRoot, changed: (id: number, text: string) => void) => Editor;
