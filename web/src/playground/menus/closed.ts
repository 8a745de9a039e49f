// Menus close behind a choice.

/** Closes the menu that an event comes from, and leaves the focus on its name: what had it is out of sight. */
export function closed({ target }: Event): void {
  const menu = (target as Element).closest("details");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
}
