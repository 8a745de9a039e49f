// YAML as the editor sees it: which parts are keys, texts and comments, and how far a new line stands in. What a text
// means, and what is wrong with it, the core says.

import { StreamLanguage, type StringStream } from "@codemirror/language";

interface State {
  /** The quote that is still open. */
  quote: string;
  /** How many brackets are open. */
  flow: number;
  /** The column that the newest key or dash of a block stands in. */
  column: number;
  /** Whether what belongs to that key is still to come, on lines of its own. */
  isOpen: boolean;
  /** The column that lines of a `|` or `>` text stand behind; -1 outside of one. */
  text: number;
}

const QUOTED = { '"': /^(?:[^"\\]|\\.)*"/, "'": /^(?:[^']|'')*'(?!')/ } as const;
const KEY_FOLLOWS = /^\s*:(?=\s|$)/;
/** A colon or a hash may stand in a text, but not where it would begin a value or a comment. */
const PLAIN = /^(?:[^\s:]|:(?!\s|$)|\s+(?![\s#:]|$))+/;
const PLAIN_IN_BRACKETS = /^(?:[^\s:,[\]{}]|:(?![\s,[\]{}]|$)|\s+(?![\s#:,[\]{}]|$))+/;

/** The language. */
export const yaml = StreamLanguage.define<State>({
  name: "yaml",
  startState: () => ({ quote: "", flow: 0, column: 0, isOpen: false, text: -1 }),
  copyState: (state) => ({ ...state }),
  token: (stream, state) => {
    if (state.quote) {
      return quoted(stream, state);
    }
    if (stream.sol() && state.text >= 0 && !/^\s*$/.test(stream.string)) {
      state.text = stream.indentation() > state.text ? state.text : -1;
    }
    if (state.text >= 0) {
      stream.skipToEnd();
      return "string";
    }
    if (stream.sol() && stream.match(/^(?:(?:---|\.\.\.)(?=\s|$)|%.*)/)) {
      Object.assign(state, { flow: 0, column: 0, isOpen: false });
      return "meta";
    }
    return stream.eatSpace() ? null : begun(stream, state);
  },
  indent: ({ column, isOpen, flow, quote, text }, _after, { unit }) => {
    return quote || flow > 0 ? null : text >= 0 || isOpen ? column + unit : column;
  },
  languageData: { commentTokens: { line: "#" } },
});

/** What begins here, which is no space. */
function begun(stream: StringStream, state: State): string | null {
  const column = stream.column();
  if (stream.match(/^#.*/)) {
    return "comment";
  }
  if (stream.match(/^-(?=\s|$)/)) {
    // What belongs to a dash stands two columns further.
    Object.assign(state, { column: column + 2, isOpen: false });
    return "punctuation";
  }
  if (stream.match(/^[?:](?=\s|$)/) || (state.flow > 0 && stream.match(/^[:,]/))) {
    return "punctuation";
  }
  if (stream.match(/^[[{]/)) {
    Object.assign(state, { flow: state.flow + 1, isOpen: false });
    return "punctuation";
  }
  if (state.flow > 0 && stream.match(/^[\]}]/)) {
    state.flow -= 1;
    return "punctuation";
  }
  if (stream.match(/^[&*][^\s,[\]{}]+/)) {
    return "labelName";
  }
  if (stream.match(/^![^\s,[\]{}]*/)) {
    return "typeName";
  }
  if (stream.match(/^[|>][-+\d]*(?=\s*(?:\s#.*)?$)/)) {
    // Directly behind a dash its text stands behind the dash itself.
    state.text = /^\s*-\s+[|>]/.test(stream.string) ? state.column - 2 : state.column;
    return "punctuation";
  }
  return scalar(stream, state, column);
}

/** A key or a value. */
function scalar(stream: StringStream, state: State, column: number): string | null {
  const quote = stream.match(/^["']/, false) ? (stream.next() ?? "") : "";
  if (quote && !stream.match(QUOTED[quote as keyof typeof QUOTED])) {
    state.quote = quote;
    stream.skipToEnd();
    return "string";
  }
  if (!quote && !stream.match(state.flow > 0 ? PLAIN_IN_BRACKETS : PLAIN)) {
    stream.next();
  }
  if (!stream.match(KEY_FOLLOWS, false)) {
    state.isOpen = false;
    return quote ? "string" : null;
  }
  if (state.flow === 0) {
    Object.assign(state, { column, isOpen: true });
  }
  return "propertyName";
}

/** The rest of a text in quotes, or of its line. */
function quoted(stream: StringStream, state: State): string {
  if (stream.match(QUOTED[state.quote as keyof typeof QUOTED])) {
    state.quote = "";
  } else {
    stream.skipToEnd();
  }
  return "string";
}
