// `<text-editor>`: a box with an editor in it, and the change from the first editor to the better one.

import { kept, shown, shownRange } from "./breaks.js";
import type { Doc, Editor, MakeEditor, Mark, Range } from "./editor.js";
import { plain } from "./plain.js";
import styles from "./plain.css?inline";

/** A text with its findings; `change` carries what the user made of it. */
export class TextEditor extends HTMLElement {
  readonly #box = this.attachShadow({ mode: "open" });
  #editor: Editor;
  #doc: Doc | undefined;
  #marks: readonly Mark[] = [];

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    this.#box.adoptedStyleSheets = [sheet];
    this.#editor = this.#make(plain);
  }

  /** Shows a text with what is wrong with it. */
  show(doc: Doc, marks: readonly Mark[]): void {
    this.#doc = doc;
    this.#marks = marks;
    this.#editor.show({ ...doc, text: shown(doc.text) });
    this.#editor.mark(marks.map((mark) => ({ ...mark, ...shownRange(doc.text, mark) })));
  }

  /** Selects a place of the text that is shown, and puts the focus there. */
  select(range: Range): void {
    this.#editor.select(shownRange(this.#doc?.text ?? "", range));
  }

  /** Puts another editor in the place of this one; text, selection and focus stay. */
  change(make: MakeEditor): void {
    const { focused, ...selection } = this.#editor.selection();
    this.#editor.remove();
    this.#editor = this.#make(make);
    if (!this.#doc) {
      return;
    }
    this.show(this.#doc, this.#marks);
    if (focused) {
      this.#editor.select(selection);
    }
  }

  #make(make: MakeEditor): Editor {
    return make(this.#box, (id, edited) => {
      if (this.#doc?.id !== id) {
        return;
      }
      const text = kept(edited, this.#doc.text);
      this.#doc = { ...this.#doc, text };
      this.dispatchEvent(new CustomEvent("change", { detail: { id, text } }));
    });
  }
}

customElements.define("text-editor", TextEditor);

declare global {
  interface HTMLElementTagNameMap {
    "text-editor": TextEditor;
  }
}
