// The editor: CodeMirror with YAML, squiggles, search. It is a chunk of its own, loaded after the first plan is painted.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, type Text, Transaction } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Editor, MakeEditor, Mark } from "./editor.js";
import { yaml } from "./yaml.js";

/** How a finding is called in the editor's own words. */
const SEVERITIES = { error: "error", warning: "warning", note: "info" } as const;

/** CodeMirror; its styles are adopted sheets of the shadow root, so that no style element has to be allowed. */
export const codemirror: MakeEditor = (box, changed): Editor => {
  const states = new Map<number, EditorState>();
  let shown: number | undefined;
  const listener = EditorView.updateListener.of(({ docChanged, transactions, state }) => {
    const isOurs = transactions.every((transaction) => transaction.annotation(Transaction.remote) === true);
    if (docChanged && !isOurs && shown !== undefined) {
      changed(shown, state.sliceDoc());
    }
  });
  const view = new EditorView({ root: box, parent: box });

  return {
    show(doc) {
      if (shown !== doc.id) {
        if (shown !== undefined) {
          states.set(shown, view.state);
        }
        shown = undefined;
        view.setState(states.get(doc.id) ?? EditorState.create({ doc: doc.text, extensions: extensions(listener) }));
        shown = doc.id;
      }
      if (view.state.sliceDoc() !== doc.text) {
        const all = { from: 0, to: view.state.doc.length, insert: doc.text };
        view.dispatch({ changes: all, annotations: Transaction.remote.of(true) });
      }
      view.contentDOM.setAttribute("aria-label", doc.label);
    },
    mark(marks) {
      view.dispatch(setDiagnostics(view.state, marks.map((mark) => diagnostic(mark, view.state.doc))));
    },
    select({ from, to }) {
      const end = view.state.doc.length;
      const [anchor, head] = [Math.min(from, end), Math.min(to, end)];
      view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      view.focus();
    },
    selection() {
      const { from, to } = view.state.selection.main;
      return { from, to, focused: view.hasFocus };
    },
    remove: () => view.destroy(),
  };
};

function extensions(listener: Extension): Extension[] {
  return [
    lineNumbers(),
    lintGutter(),
    history(),
    highlightActiveLine(),
    // What turns the text around it, or cannot be seen.
    highlightSpecialChars(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    indentUnit.of("  "),
    // Tab is left to the keyboard's way through the page; Ctrl-] and Ctrl-[ indent.
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap]),
    // What scrolls has to be reachable; not every browser counts editable content.
    EditorView.contentAttributes.of({ tabindex: "0" }),
    yaml,
    syntaxHighlighting(colours),
    theme,
    overwriting,
    listener,
  ];
}

/**
 * Typing over a selection: left to itself the browser copies the style of what was there into the new text, which the
 * content policy refuses aloud.
 */
const overwriting = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { data, inputType } = event;
    if (inputType !== "insertText" || !data || view.state.selection.main.empty) {
      return false;
    }
    event.preventDefault();
    view.dispatch(view.state.update(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true }));
    return true;
  },
});

/** A finding about several lines is drawn on the first one: more of it would be an editor full of squiggles. */
function diagnostic({ from, to, severity, code, message, help }: Mark, doc: Text): Diagnostic {
  const start = Math.min(from, doc.length);
  return {
    from: start,
    to: Math.max(start, Math.min(to, doc.lineAt(start).to)),
    severity: SEVERITIES[severity],
    message,
    renderMessage: () => tooltip(`${severity}[${code}]`, message, help),
  };
}

function tooltip(title: string, message: string, help: string | null): HTMLElement {
  const whole = document.createElement("div");
  for (const [name, text] of [["code", title], ["message", message], ["help", help]] as const) {
    if (text !== null) {
      const part = document.createElement("div");
      part.className = `finding-${name}`;
      // As `worded` has it: called from here, it would be a chunk of its own, a kilobyte more for everybody.
      part.append(...text.split("`").map((piece, at) => (at % 2 ? Object.assign(document.createElement("code"), { textContent: piece }) : piece)));
      whole.append(part);
    }
  }
  return whole;
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--syntax-key)" },
  { tag: tags.string, color: "var(--syntax-text)" },
  { tag: tags.comment, color: "var(--syntax-comment)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.typeName, tags.labelName, tags.meta], color: "var(--syntax-mark)" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "var(--code-size)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--faint)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-tooltip": { background: "var(--panel)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "6px" },
  ".cm-diagnostic": { padding: "6px 10px", maxWidth: "32rem", fontFamily: "var(--sans)" },
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--bad)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warn)" },
  ".cm-lintRange-info": { textDecoration: "underline dotted 2px", textDecorationColor: "var(--note)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--note)" },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-lint-marker": { width: "14px", content: "none !important" },
  ".cm-lint-marker::before": { display: "block", width: "8px", height: "8px", margin: "5px 3px", borderRadius: "50%", content: "''" },
  ".cm-lint-marker-error::before": { backgroundColor: "var(--bad)", borderRadius: "1px" },
  ".cm-lint-marker-warning::before": { backgroundColor: "var(--warn)", clipPath: "polygon(50% 0, 100% 100%, 0 100%)" },
  ".cm-lint-marker-info::before": { backgroundColor: "var(--note)" },
  ".finding-code": { color: "var(--soft)", fontSize: "0.85em" },
  ".finding-help": { marginTop: "4px", color: "var(--soft)" },
  ".cm-panels": { backgroundColor: "var(--panel)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panel input, .cm-panel button": { font: "inherit", color: "inherit", background: "var(--paper)" },
});
