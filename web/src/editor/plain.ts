// The editor until CodeMirror is there, and where it cannot be loaded: a textarea.

import type { Editor, MakeEditor, Range } from "./editor.js";

/** A textarea. */
export const plain: MakeEditor = (box, changed): Editor => {
  const area = document.createElement("textarea");
  area.spellcheck = false;
  area.autocapitalize = "off";
  area.setAttribute("autocorrect", "off");
  area.wrap = "off";
  const places = new Map<number, Range>();
  let shown: number | undefined;
  area.addEventListener("input", () => shown !== undefined && changed(shown, area.value));
  box.append(area);
  return {
    show({ id, label, text }) {
      area.setAttribute("aria-label", label);
      if (shown !== undefined && shown !== id) {
        places.set(shown, selected(area));
      }
      if (area.value !== text) {
        area.value = text;
      }
      if (shown !== id) {
        const { from, to } = places.get(id) ?? { from: 0, to: 0 };
        area.setSelectionRange(from, to);
      }
      shown = id;
    },
    mark: () => {},
    select({ from, to }) {
      area.focus();
      area.setSelectionRange(from, to);
      const line = area.value.slice(0, from).split("\n").length - 1;
      const height = Number.parseFloat(getComputedStyle(area).lineHeight) || 20;
      area.scrollTop = Math.max(0, line * height - area.clientHeight / 2);
    },
    selection: () => ({ ...selected(area), focused: box.activeElement === area }),
    remove: () => area.remove(),
  };
};

function selected({ selectionStart, selectionEnd }: HTMLTextAreaElement): Range {
  return { from: selectionStart, to: selectionEnd };
}
